"""Hints and the coach's guide: read with the bundle, and never given to teams."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from challenges import bundle
from challenges.build import build

Spoil = Callable[[str, str, str], None]
HINTS = "For authors.\n\n## Where to begin\n\nPlot it.\n\n## More\n\n```\n## no heading\n```\n"
T = "challenge.toml"


def test_each_second_level_heading_is_a_hint(folder: Path) -> None:
    (folder / "hints.md").write_text(HINTS)
    assert [(hint.title, hint.text) for hint in bundle.read(folder).hints] == [
        ("Where to begin", "Plot it."),
        ("More", "```\n## no heading\n```"),
    ]


def test_hints_and_guide_may_be_missing(folder: Path) -> None:
    read = bundle.read(folder)
    assert (read.hints, read.coach_guide) == ([], "")


def test_the_guide_is_read_from_the_file_that_the_manifest_names(folder: Path, spoil: Spoil) -> None:
    spoil(T, 'title = "Tiny"', 'title = "Tiny"\ncoach = "for-coaches.md"')
    (folder / "for-coaches.md").write_text("The solution.\n")
    assert bundle.read(folder).coach_guide == "The solution.\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Only words.", "hints.md, headings: found none; expected a heading '## ...' for each hint"),
        (
            "## Begin\n\n## More\n\nSee.",
            "hints.md, Begin: found a hint without text; expected a few lines below it",
        ),
        (
            "## Begin\n\nA.\n\n## Begin\n\nB.",
            "hints.md, Begin: found the same heading twice; expected it once",
        ),
    ],
)
def test_hints_that_cannot_be_told_apart_or_say_nothing_are_faults(
    folder: Path, text: str, fault: str
) -> None:
    (folder / "hints.md").write_text(text)
    assert [str(found) for found in bundle.check(folder)] == [fault]


def test_a_file_that_the_manifest_names_must_be_there(folder: Path, spoil: Spoil) -> None:
    spoil(T, 'title = "Tiny"', 'title = "Tiny"\nhints = "help.md"')
    assert [(fault.field, fault.found) for fault in bundle.check(folder)] == [
        ("hints", "'help.md', which is not there")
    ]


@pytest.mark.parametrize("name", ["starter/README.md", "statement.md"])
def test_a_guide_among_what_teams_read_is_a_fault(folder: Path, spoil: Spoil, name: str) -> None:
    spoil(T, 'title = "Tiny"', f'title = "Tiny"\ncoach = "{name}"')
    assert [(fault.field, fault.found) for fault in bundle.check(folder)] == [("coach", repr(name))]


def test_what_teams_download_holds_neither_hints_nor_guide(folder: Path, tmp_path: Path) -> None:
    (folder / "hints.md").write_text("## Begin\n\nSecret hint.\n")
    (folder / "coach.md").write_text("Secret solution.\n")
    given = build(folder, b"a secret of sixteen bytes", tmp_path / "built").given_zip
    with zipfile.ZipFile(given) as archive:
        names = archive.namelist()
        content = b"".join(archive.read(name) for name in names)
    assert not [name for name in names if "hint" in name or "coach" in name]
    assert b"Secret" not in content
    assert "Secret" not in bundle.read(folder).statement
