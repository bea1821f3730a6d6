"""The names that a pickle would import, read from its opcodes; it is not loaded."""

import pickletools
from typing import Any

from .faults import Refused

_LONGEST = 200


class _Reader:
    """Just enough of the pickle machine to know the two strings below a STACK_GLOBAL."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self._pushed: list[Any] = ["", ""]
        self._memo: dict[int, Any] = {}

    def step(self, opcode: str, argument: Any) -> None:
        """Follow one opcode."""
        if opcode == "MEMOIZE":
            self._memo[len(self._memo)] = self._pushed[-1]
        elif opcode in ("BINPUT", "LONG_BINPUT", "PUT"):
            self._memo[argument] = self._pushed[-1]
        elif opcode in ("BINGET", "LONG_BINGET", "GET"):
            self._push(self._memo.get(argument))
        elif opcode in ("GLOBAL", "INST"):
            self._import(str(argument).replace(" ", "."))
        elif opcode == "STACK_GLOBAL":
            self._import(".".join(map(str, self._pushed)))
        elif isinstance(argument, str):
            self._push(argument)
        elif opcode not in ("PROTO", "FRAME"):
            self._push(None)

    def _push(self, value: Any) -> None:
        self._pushed = [self._pushed[-1], value]

    def _import(self, name: str) -> None:
        self.names[name[:_LONGEST]] = None
        self._push(None)


def read(pickled: bytes) -> list[str]:
    """Names in the order in which they would be imported.

    A file of joblib holds raw arrays between its opcodes, where the reading ends: what came
    before is told. It is for a person to read, not to decide by. Raises `Refused` for no pickle.
    """
    reader = _Reader()
    try:
        for opcode, argument, _ in pickletools.genops(pickled):
            reader.step(opcode.name, argument)
    except Exception as error:
        if not reader.names:
            raise Refused("unreadable", f"a pickle that does not read: {error}") from error
    return list(reader.names)
