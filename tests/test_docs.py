"""What the documentation says must be so: links lead somewhere, versions are those of the lock."""

import re
from pathlib import Path

import pytest

from scoring.sandbox.policy import KINDS
from scoring.zoo.registry import NAMES
from tests.docs.blocks import pages
from tests.test_layout import ROOT, tracked

LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)(?:#([^)\s]+))?\)")
LIBRARY = re.compile(r"^\| ([a-z][\w-]+) \| (\d[\w.]*) \| (.+) \|$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made from their words."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(page.read_text()):
        path = (page.parent / target).resolve()
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(f"{target}#{anchor}")
    assert broken == []


def test_the_libraries_of_a_box_are_listed_with_their_versions() -> None:
    lock = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if line)
    listed = {name: version for name, version, _ in LIBRARY.findall((ROOT / "docs/formats.md").read_text())}
    assert set(listed) == {name for kind in KINDS.values() for name in kind.distributions}
    assert listed == {name: lock[name] for name in listed}


def test_every_network_of_the_zoo_is_listed() -> None:
    page = (ROOT / "docs/zoo.md").read_text()
    assert [name for name in NAMES if f"| `{name}` |" not in page] == []


def test_every_file_that_the_page_on_security_names_is_there() -> None:
    page = (ROOT / "docs/security.md").read_text()
    # What stands in the list of sources is of other projects.
    ours = page.partition("## Beside others")[0]
    named = re.findall(r"`((?:tests|scoring|challenges|platform)/[\w/.-]+)`", ours)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


SETTING = re.compile(r"\bHELDOUT_[A-Z_]+\b")
READ_FROM = ("*.py", "Makefile", "docker/compose.yaml", "docker/Caddyfile")


def test_every_setting_that_a_page_names_is_one_that_something_reads() -> None:
    code = [path for path in tracked(*READ_FROM) if "tests" not in path.relative_to(ROOT).parts]
    read = {name for path in code for name in SETTING.findall(path.read_text())}
    named = {name for page in pages() for name in SETTING.findall(page.read_text())}
    assert named
    assert named - read == set()


def test_every_picture_is_shown_and_small() -> None:
    shown = "".join(page.read_text() for page in pages())
    pictures = tracked("docs/pictures/*")
    assert pictures
    assert [path.name for path in pictures if f"pictures/{path.name})" not in shown] == []
    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []
