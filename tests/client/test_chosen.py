"""Which event and challenge a command is about."""

from pathlib import Path

import pytest

from heldout_client import chosen
from heldout_client.chosen import Chosen, Damaged, NotChosen


def names(found: Chosen) -> tuple[str, str]:
    return found.event, found.challenge


def test_the_nearest_place_that_names_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen.keep("kept", "k")
    assert names(chosen.found()) == ("kept", "k")
    chosen.keep_here("folder", "f")
    assert names(chosen.found()) == ("folder", "f")
    monkeypatch.setenv(chosen.EVENT, "environment")
    monkeypatch.setenv(chosen.CHALLENGE, "e")
    assert names(chosen.found()) == ("environment", "e")
    assert names(chosen.found("option", "o")) == ("option", "o")


def test_a_folder_above_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    place = chosen.keep_here("above", "a")
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert chosen.found() == Chosen("above", "a", str(place))


def test_a_challenge_counts_for_its_own_event_alone() -> None:
    chosen.keep("kept", "k")
    assert names(chosen.found("another")) == ("another", "")
    assert names(chosen.found("kept")) == ("kept", "k")
    with pytest.raises(NotChosen, match="heldout challenges another"):
        chosen.the_challenge("another")


def test_a_challenge_named_alone_is_one_of_the_chosen_event(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen.keep("kept", "k")
    assert names(chosen.found(challenge="o")) == ("kept", "o")
    monkeypatch.setenv(chosen.CHALLENGE, "e")
    assert names(chosen.found()) == ("kept", "e")


def test_without_any_the_way_to_choose_is_told() -> None:
    with pytest.raises(NotChosen, match="heldout use EVENT"):
        chosen.the_event()


@pytest.mark.parametrize("text", ["event = ", "\udcff"])
def test_a_damaged_file_is_named(text: str) -> None:
    Path(chosen.FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Damaged, match=chosen.FILE):
        chosen.found()


def test_names_are_written_so_that_they_are_read_again() -> None:
    chosen.keep_here('a "quoted" \\ name', "\u00e9")
    assert names(chosen.found()) == ('a "quoted" \\ name', "\u00e9")
