"""Python as it is where only the base of the distribution was installed: `python -m tests.client.only_base`.

Whatever is neither of the standard library nor of a library that the base needs cannot be imported; a real
environment without those libraries says the same of them. What follows is run as `heldout` with those words.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import distribution, packages_distributions
from types import ModuleType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = ("heldout", "heldout_client", "challenges", "scoring", "tests")


def needed(name: str) -> set[str]:
    """The libraries that `name` needs without any extra, and those that they need, and so on."""
    found: set[str] = set()
    ahead = [(name, "")]
    while ahead:
        current, extra = ahead.pop()
        found.add(canonicalize_name(current))
        for line in distribution(current).requires or []:
            wanted = Requirement(line)
            holds = wanted.marker is None or wanted.marker.evaluate({"extra": extra})
            if holds and canonicalize_name(wanted.name) not in found:
                ahead += [(wanted.name, each) for each in ("", *wanted.extras)]
    return found


class Refusing(MetaPathFinder):
    """Finds nothing of what is not there."""

    def __init__(self) -> None:
        base = needed("heldout")
        self.known = {*OURS, *sys.stdlib_module_names}
        for module, names in packages_distributions().items():
            if any(canonicalize_name(name) in base for name in names):
                self.known.add(module)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse what no base library brings."""
        first = fullname.partition(".")[0]
        if first not in self.known and not first.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


if __name__ == "__main__":
    sys.meta_path.insert(0, Refusing())
    for module in [name for name in sys.modules if name.partition(".")[0] == "packaging"]:
        del sys.modules[module]
    sys.argv[0] = "heldout"
    if sys.argv[1:2] == ["-c"]:
        exec(sys.argv[2])  # noqa: S102 - what the test says
    else:
        from heldout_client.main import app

        app()
