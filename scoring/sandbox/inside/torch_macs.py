"""Multiply-accumulates of what torch runs: those of convolutions, matrix products and attention.

Counted as they are dispatched, by torch's own formulas, so that it is the same for eager code, TorchScript
and exported programs. torch's FlopCounterMode has the same formulas, but imports the compiler: seconds and
200 MB for every box.
"""

from collections.abc import Collection
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

MOST_KINDS = 12
LONGEST_KIND = 40


class Products(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While this mode is on, `count` grows by the multiply-accumulates of each operator.

    With `weights`, pairs of the address and the size of tensors, `kinds` has for each operator how often it
    ran, its multiply-accumulates, and how many numbers of the weights it was the first to take.
    """

    supports_higher_order_operators = True

    def __init__(self, weights: Collection[tuple[int, int]] = ()) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0
        self.kinds: dict[str, list[int]] = {}
        self._unseen = set(weights)

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
        macs = int(formula(*args, **given, out_val=result)) // 2 if formula is not None else 0
        self.count += macs
        if self._unseen or macs:
            self._note(func, macs, args, result)
        return result

    def _note(self, func: Any, macs: int, args: tuple[Any, ...], result: Any) -> None:
        """A weight that is only turned or viewed anew is not taken yet."""
        keys = [(a.data_ptr(), a.numel()) for a in args if isinstance(a, Tensor)]
        viewed = {(result.data_ptr(), result.numel())} if isinstance(result, Tensor) else set()
        taken = (set(keys) & self._unseen) - viewed
        self._unseen -= taken
        if macs or taken:
            name = (
                str(getattr(func, "_overloadpacket", func)).removeprefix("aten.").lstrip("_")[:LONGEST_KIND]
            )
            known = self.kinds.setdefault(name, [0, 0, 0])
            for place, more in enumerate((1, macs, sum(size for _, size in taken))):
                known[place] += more

    def parts(self, examples: int) -> list[dict[str, Any]]:
        """The operators that cost most for one of so many examples."""
        ordered = sorted(self.kinds.items(), key=lambda item: (-item[1][1], -item[1][2]))
        return [
            {"name": "", "kind": kind, "count": count, "macs": macs // examples, "parameters": numbers}
            for kind, (count, macs, numbers) in ordered[:MOST_KINDS]
        ]
