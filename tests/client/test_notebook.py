"""The same words in a notebook."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

import heldout_client as heldout
from heldout.accounts.models import Scope
from tests.client.conftest import Scene, token_of, worker
from tests.heldout.factories import make_team
from tests.heldout.handing_in import rehearsed, scored, verdict


class Page(HTMLParser):
    """What a browser makes of a piece of HTML: its tags, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_way_from_signing_in_to_the_board(scene: Scene) -> None:
    Path("model.onnx").write_bytes(b"weights")
    site = heldout.connect()
    event = site.event(scene.event)
    challenge = event.challenge(scene.challenge.slug)
    with worker(scene.challenge, 0.9):
        submission = challenge.submit("model.onnx", note="wider")
        assert not submission.is_over and "being inspected" in repr(submission)
        submission.wait()
    assert (submission.score, submission.interval, submission.state) == (0.9, (0.88, 0.92), "scored")
    assert repr(submission) == (
        f"<Submission 1 to {scene.challenge.slug}: 0.90 on the public split (95 % interval 0.88 to 0.92)>"
    )
    board = challenge.board()
    assert board.mine is not None and board.mine["rank"] == 1
    assert [each.number for each in challenge.submissions()] == [1]
    assert challenge.tries()["tries_left"] == 4


def test_a_rehearsal_that_went_well_is_handed_in_for_real(scene: Scene) -> None:
    found = rehearsed(scene.challenge, scene.team, 0.7)
    rehearsal = scene.site.event(scene.event).submission(str(found.pk))
    assert rehearsal.score == 0.7 and rehearsal.log() == "loading weights"
    assert rehearsal.submit().label == "Submission 2"


def test_each_step_is_heard_of(scene: Scene) -> None:
    Path("model.onnx").write_bytes(b"weights")
    challenge = heldout.connect().event(scene.event).challenge(scene.challenge.slug)
    stages: list[str] = []
    with worker(scene.challenge):
        challenge.rehearse("model.onnx").wait(on_change=lambda now: stages.append(now.stage))
    assert stages[0] == "inspecting" and stages[-1] == "done" and "predicting" in stages


def test_waiting_ends_when_it_is_told_to(scene: Scene) -> None:
    Path("model.onnx").write_bytes(b"weights")
    submission = heldout.connect().event(scene.event).challenge(scene.challenge.slug).submit("model.onnx")
    with pytest.raises(heldout.StillRunning, match="being inspected"):
        submission.wait(timeout=0.1)


def test_a_rejected_submission_says_why(scene: Scene) -> None:
    Path("model.onnx").write_bytes(b"weights")
    challenge = heldout.connect().event(scene.event).challenge(scene.challenge.slug)
    with worker(scene.challenge, refusal=verdict()):
        submission = challenge.submit("model.onnx").wait()
    assert submission.state == "rejected" and submission.score is None
    assert submission.verdict is not None and submission.verdict["found"] == "[n, 3]"
    assert "Give a score a class." in submission._repr_html_()


def test_whatever_the_site_says_is_escaped_in_a_notebook(scene: Scene) -> None:
    evil = "<script>alert(1)</script>\"'&"
    scored(scene.challenge, scene.team, 0.9, note=evil)
    scored(scene.challenge, make_team(scene.challenge.event, evil), 0.8)
    challenge = scene.site.event(scene.event).challenge(scene.challenge.slug)
    for shown in (challenge.board(), challenge.submissions()[0]):
        page = Page(shown._repr_html_())
        assert "script" not in page.tags
        assert evil in page.words


def test_every_object_shows_itself(scene: Scene) -> None:
    scored(scene.challenge, scene.team, 0.9)
    site = heldout.connect()
    event = site.event(scene.event)
    challenge = event.challenge(scene.challenge.slug)
    for shown, words in (
        (site, scene.address),
        (event, scene.event),
        (challenge, scene.challenge.slug),
        (challenge.board(), "Ours"),
        (challenge.submissions()[0], "Submission 1"),
    ):
        assert words in repr(shown)
        page = Page(shown._repr_html_())
        assert "table" in page.tags and any(words in word for word in page.words)
        # Colours come from the notebook, so that dark and light both show it.
        assert "color:inherit" in shown._repr_html_() and "#" not in shown._repr_html_()


def test_a_board_becomes_rows_without_pandas(scene: Scene) -> None:
    scored(scene.challenge, scene.team, 0.9)
    [row] = scene.site.event(scene.event).challenge(scene.challenge.slug).board().to_dicts()
    assert (row["name"], row["score"], row["rank"]) == ("Ours", 0.9, 1)


def test_what_there_is_not_is_named(scene: Scene) -> None:
    event = heldout.connect().event(scene.event)
    assert event.name == scene.challenge.event.name
    with pytest.raises(AttributeError, match="has no 'colour'; it has slug, name"):
        _ = event.colour
    with pytest.raises(heldout.Refused, match="Not found"):
        event.challenge("no-such")


def test_an_account_may_be_given_in_the_notebook(scene: Scene) -> None:
    other = token_of(scene.person, Scope.READ)
    assert heldout.connect(scene.address, other).me()["scopes"] == ["read"]
    assert heldout.connect(token=other).me()["scopes"] == ["read"]


def test_without_an_account_a_notebook_says_what_to_do() -> None:
    with pytest.raises(heldout.NotSignedIn, match="heldout login"):
        heldout.connect()


def test_the_names_of_the_package_are_those_that_it_lists() -> None:
    assert dir(heldout) == sorted(["NotSignedIn", "Refused", "StillRunning", "Unreachable", "connect"])
    with pytest.raises(AttributeError, match="no attribute 'disconnect'"):
        _ = heldout.disconnect
