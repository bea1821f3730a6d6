"""Looking around: events, challenges, submissions, logs; choosing; completing names."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from heldout.submissions.models import Evaluation, Submission
from heldout_client import account, chosen
from heldout_client.account import Account
from tests.client.conftest import Scene, document, heldout
from tests.heldout.factories import make_team
from tests.heldout.handing_in import inspected, make_challenge, rehearsed, scored, verdict

HELDOUT = Path(sys.executable).parent / "heldout"


def test_your_events_are_listed(scene: Scene) -> None:
    assert [each["slug"] for each in document("events")] == [scene.event]
    assert scene.challenge.event.name in heldout("events").stdout


def test_who_is_in_no_event_is_told_how_one_gets_there(scene: Scene) -> None:
    scene.challenge.event.roles.all().delete()
    done = heldout("events")
    assert done.exit_code == 0 and "an invitation comes by mail" in done.stderr


def test_challenges_are_listed_in_order_with_the_locked_ones(scene: Scene) -> None:
    make_challenge(scene.challenge.event, opened=False, slug="later")
    told = document("challenges", scene.event)
    assert [(each["slug"], each["state"]) for each in told] == [
        (scene.challenge.slug, "open"),
        ("later", "draft"),
    ]
    assert "0.8" in heldout("challenges").stdout


def test_more_than_a_page_is_listed_whole(scene: Scene) -> None:
    first = rehearsed(scene.challenge, scene.team)
    same = {"challenge": scene.challenge, "team": scene.team, "author": scene.person, "blob": first.blob}
    more = [Submission(number=number, file_name="m", state="failed", **same) for number in range(2, 104)]
    Submission.objects.bulk_create(more)
    assert len(document("submissions", "--limit", "200")["items"]) == 103
    numbers = [each["number"] for each in document("submissions", "--limit", "101")["items"]]
    assert numbers == list(range(103, 2, -1))


def test_submissions_are_listed_with_what_came_of_them(scene: Scene) -> None:
    scored(scene.challenge, scene.team, 0.9, note="wider [bold]")
    rehearsed(scene.challenge, scene.team, 0.6)
    done = heldout("submissions")
    assert "4 of 5 tries left" in done.stderr
    rows = [line for line in done.stdout.splitlines() if "model.onnx" in line]
    assert rows[0].startswith("2 (rehearsal)") and "0.60 on the validation split" in rows[0]
    assert "scored, best" in rows[1] and "0.90 on the public split" in rows[1] and "wider [bold]" in rows[1]


def test_the_log_of_a_rehearsal_cannot_steer_the_terminal(scene: Scene) -> None:
    found = rehearsed(scene.challenge, scene.team)
    Evaluation.objects.filter(submission=found).update(log_excerpt="loading\n\x1b[2Jweights \x9b31m")
    done = heldout("logs", str(found.pk))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "loading\n\\x1b[2Jweights \\x9b31m\n"
    assert heldout("logs", str(found.number)).stdout == done.stdout
    assert document("logs", "1") == {"id": str(found.pk), "log": "loading\n\x1b[2Jweights \x9b31m"}


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("7", "Your team has no submission 7"),
        ("x", "'x' is no submission's id"),
        (f"{UUID(int=7)}", "Not found"),
    ],
)
def test_a_submission_that_is_not_there_is_named(scene: Scene, which: str, words: str) -> None:
    done = heldout("logs", which)
    assert (done.exit_code, done.stdout) == (1, "")
    assert words in done.stderr


def test_what_is_chosen_is_checked_and_kept(scene: Scene) -> None:
    other = make_challenge(scene.challenge.event)
    assert document("use", scene.event, other.slug)["challenge"] == other.slug
    assert chosen.the_challenge() == (scene.event, other.slug)
    done = heldout("use", scene.event, "no-such")
    assert done.exit_code == 1 and f"It has: {scene.challenge.slug}, {other.slug}." in done.stderr
    assert heldout("use", "no-such").exit_code == 1
    assert chosen.the_challenge() == (scene.event, other.slug)


def test_a_folder_may_choose_for_itself(scene: Scene) -> None:
    assert heldout("use", scene.event, "--here").exit_code == 0
    assert Path(chosen.FILE).read_text() == f'event = "{scene.event}"\n'
    assert f"{scene.event} {scene.challenge.slug}, by {Path(chosen.FILE).resolve()}" in heldout("use").stdout


def test_without_a_choice_the_code_is_that_of_usage(scene: Scene) -> None:
    chosen.keep("")
    for command in (["challenges"], ["board"], ["submissions"], ["logs", "1"], ["data", "list"]):
        done = heldout(*command)
        assert done.exit_code == 2, command
        assert "`heldout use EVENT`" in done.stderr


def completed(*words: str) -> list[str]:
    """What bash is offered after these words."""
    asked = {"_HELDOUT_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words)}
    place = {"COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [str(HELDOUT)], env={**os.environ, **asked, **place}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_the_shell_completes_events_and_challenges_of_what_was_typed(scene: Scene) -> None:
    elsewhere = make_challenge(slug="elsewhere")
    make_team(elsewhere.event, members=[scene.person])
    elsewhere.event.roles.create(user=scene.person, name="participant")
    both = {scene.event, elsewhere.event.slug}
    assert set(completed("heldout", "challenges", "")) == both
    assert completed("heldout", "submit", "x", "--challenge", "") == [scene.challenge.slug]
    assert completed("heldout", "use", elsewhere.event.slug, "else") == ["elsewhere"]


def test_names_that_were_listed_are_completed_without_asking(scene: Scene) -> None:
    document("events")
    document("challenges")
    account.keep(Account(scene.address, "hld_not_good_any_more"))
    assert completed("heldout", "challenges", scene.event[:3]) == [scene.event]
    assert completed("heldout", "board", "") == [scene.challenge.slug]


def test_a_shell_hears_nothing_of_what_goes_wrong() -> None:
    assert completed("heldout", "challenges", "") == []
    account.keep(Account("http://127.0.0.1:9", "hld_1"))
    assert completed("heldout", "challenges", "") == []
    Path(chosen.FILE).write_text("event = ")
    assert completed("heldout", "board", "") == []


def test_a_rejected_one_is_listed_with_its_verdict(scene: Scene) -> None:
    from heldout.submissions import actions
    from tests.heldout.handing_in import hand_in, passport_for

    actions.record_passport(passport_for(hand_in(scene.challenge, scene.team), verdict=verdict()))
    [row] = [line for line in heldout("submissions").stdout.splitlines() if "model.onnx" in line]
    assert " rejected " in row and "The predictions have the wrong shape" in row


def test_what_waits_is_listed_with_its_place(scene: Scene) -> None:
    inspected(scene.challenge, scene.team)
    assert "in the queue, place 1" in heldout("submissions").stdout
