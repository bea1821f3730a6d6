"""Multiply-accumulates of what torch runs: those of convolutions, matrix products and attention.

Counted as they are dispatched, by torch's own formulas, so that it is the same for eager code, TorchScript
and exported programs. torch's FlopCounterMode has the same formulas, but imports the compiler: seconds and
200 MB for every box.
"""

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class Products(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While this mode is on, `count` grows by the multiply-accumulates of each operator."""

    supports_higher_order_operators = True

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Torch's way to say that this mode needs no compiler."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        result = func(*args, **given)
        formula = flop_registry.get(getattr(func, "_overloadpacket", None))
        if formula is not None:
            self.count += int(formula(*args, **given, out_val=result)) // 2
        return result
