"""Running what was scored once more: nothing counts until it is kept, and then everything does at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Attainment, Challenge, Preparation, PreparationState
from heldout.events.rules import Refusal
from heldout.leaderboards import actions as leaderboards
from heldout.leaderboards import rescoring as boards
from heldout.leaderboards.models import BoardRules, FrozenStanding, Standing
from heldout.leaderboards.queries import board
from heldout.submissions import rescoring
from heldout.submissions.actions import cancel
from heldout.submissions.dispatching import _score_job, served_of_late
from heldout.submissions.models import Attempt, Evaluation, Rescoring, Submission
from heldout.submissions.queries import rescored_note, submissions_of
from heldout.submissions.rules import tries_left
from heldout.teams.models import Team
from scoring import job
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import (
    evaluation_for,
    fresh,
    inspected,
    make_bundle,
    make_challenge,
    member_of,
    put_to_work,
    rehearsal_for,
    scored,
    verdict,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=5)


@pytest.fixture
def cairn(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn")


@pytest.fixture
def tarp(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Tarp")


@pytest.fixture
def organizer(challenge: Challenge) -> User:
    return make_organizer(challenge.event)


def answer(begun: Rescoring, submission: Submission, value: float, **fields: object) -> None:
    """A worker runs the submission's attempt of the rescoring."""
    attempt = begun.attempts.get(submission=submission, state__in=("waiting", "dispatched", "running"))
    Attempt.objects.filter(pk=attempt.pk).update(state="dispatched", queue=job.CPU_QUEUE)
    said = evaluation_for(
        submission, value, attempt=attempt.pk, bundle=begun.preparation.bundle.digest, **fields
    )
    leaderboards.record_evaluation(said)


def on_board(challenge: Challenge, viewer: User) -> list[tuple[str, int | None, float]]:
    rows = board(Challenge.objects.select_related("bundle", "event").get(pk=challenge.pk), viewer).rows
    return [(row.name, row.rank, row.score) for row in rows]


def standings() -> list[tuple[object, ...]]:
    return list(Standing.objects.order_by("pk").values_list("team", "submission", "score", "achieved_at"))


def test_nothing_counts_until_it_is_kept_and_both_versions_stay(
    challenge: Challenge, cairn: Team, tarp: Team, organizer: User
) -> None:
    first, second = scored(challenge, cairn, 0.9), scored(challenge, tarp, 0.5)
    before, tries = standings(), tries_left(cairn, challenge, timezone.now())
    begun = rescoring.start(challenge, "Labels were wrong", organizer)
    answer(begun, first, 0.6)
    with pytest.raises(Refusal, match="not over"):
        boards.keep(begun, organizer)
    answer(begun, second, 0.95)
    assert standings() == before
    assert fresh(first).state == "scored"
    moves = boards.preview(begun, organizer)
    assert [(m.team, m.gains, m.now_passes, m.now_fails) for m in moves] == [
        ("Tarp", 1, True, False),
        ("Cairn", -1, False, True),
    ]
    assert standings() == before, "a preview changes nothing"
    assert [name for name, _, _ in on_board(challenge, organizer)] == ["Cairn", "Tarp"]
    boards.keep(begun, organizer)
    assert [(name, rank) for name, rank, _ in on_board(challenge, organizer)] == [("Tarp", 1), ("Cairn", 2)]
    assert Attainment.objects.get(team=cairn).best == 0.6
    assert Evaluation.objects.filter(submission=first).count() == 2
    assert tries_left(cairn, challenge, timezone.now()) == tries
    kept = standings()
    assert leaderboards.rebuild_standings(challenge.event) == 0
    assert standings() == kept
    row = submissions_of(cairn, challenge)[0]
    assert row.score_text.startswith("0.6")
    assert rescored_note(fresh(first)).startswith(
        "Scored anew by the organizers. The team's place: rank 1 with 0.90, now rank 2"
    )


def test_keeping_is_undone(challenge: Challenge, cairn: Team, organizer: User) -> None:
    submission = scored(challenge, cairn, 0.9)
    before = standings()
    begun = rescoring.start(challenge, "A second look", organizer, submission=submission)
    answer(begun, submission, 0.6)
    boards.keep(begun, organizer)
    assert standings() != before
    boards.undo(begun, organizer)
    assert standings() == before
    with pytest.raises(Refusal, match="cannot be undone"):
        boards.undo(begun, organizer)
    actions = AuditEntry.objects.filter(action__startswith="rescoring").order_by("pk")
    assert [(entry.action, entry.actor, entry.reason) for entry in actions] == [
        (action, organizer, "A second look")
        for action in ("rescoring.started", "rescoring.kept", "rescoring.undone")
    ]


def test_only_the_last_of_two_kept_rescorings_is_undone(
    challenge: Challenge, cairn: Team, organizer: User
) -> None:
    submission = scored(challenge, cairn, 0.9)
    begun = []
    for value in (0.8, 0.7):
        begun.append(rescoring.start(challenge, "Again", organizer))
        answer(begun[-1], submission, value)
        boards.keep(begun[-1], organizer)
    with pytest.raises(Refusal, match="later rescoring"):
        boards.undo(begun[0], organizer)
    boards.undo(begun[1], organizer)
    assert Standing.objects.get().score == 0.8


def test_discarding_leaves_all_as_it_was_and_runs_nothing_more(
    challenge: Challenge, cairn: Team, organizer: User
) -> None:
    submission = scored(challenge, cairn, 0.9)
    before = standings()
    begun = rescoring.start(challenge, "Try it", organizer, team=cairn)
    with pytest.raises(Refusal, match="being rescored"):
        rescoring.start(challenge, "Twice", organizer)
    rescoring.discard(begun, organizer)
    assert begun.attempts.get().state == "cancelled"
    assert standings() == before
    with pytest.raises(Refusal, match="decided already"):
        boards.keep(begun, organizer)
    with pytest.raises(Refusal):
        cancel(submission, member_of(cairn))


def test_a_run_without_a_score_leaves_the_score_that_there_is(
    challenge: Challenge, cairn: Team, tarp: Team, organizer: User
) -> None:
    broken, sound = scored(challenge, cairn, 0.9), scored(challenge, tarp, 0.5)
    begun = rescoring.start(challenge, "New engine", organizer)
    answer(begun, broken, 0.9, verdict=verdict("crashed"), scores=[], outcomes=[])
    for _ in range(3):
        answer(begun, sound, 0.5, verdict=verdict("platform_fault"), scores=[], outcomes=[])
    assert rescoring.progress(begun) == rescoring.Progress(total=2, unfinished=0, scored=0)
    before = standings()
    boards.keep(begun, organizer)
    assert standings() == before
    assert (fresh(broken).state, fresh(sound).state) == ("scored", "scored")


def test_what_is_rescored_waits_for_all_else_and_is_not_held_against_its_team(
    challenge: Challenge, cairn: Team, tarp: Team, organizer: User
) -> None:
    scored(challenge, cairn, 0.9)
    occupant = inspected(challenge, tarp)
    put_to_work(occupant)
    begun = rescoring.start(challenge, "Later", organizer)
    rehearsal = inspected(challenge, cairn, rehearsal=True)
    assert begun.attempts.get().state == "waiting"
    leaderboards.record_evaluation(evaluation_for(occupant, 0.5))
    assert begun.attempts.get().state == "waiting"
    assert rehearsal.attempts.get(job="scoring").state == "dispatched"
    served = served_of_late(timezone.now()).filter(submission__team=cairn).count()
    put_to_work(rehearsal)
    leaderboards.record_evaluation(rehearsal_for(rehearsal, 0.5))
    assert begun.attempts.get().state == "dispatched"
    assert served_of_late(timezone.now()).filter(submission__team=cairn).count() == served


def new_version(challenge: Challenge) -> Preparation:
    """Another version of the challenge's bundle with a green self-test."""
    bundle = make_bundle(slug=challenge.slug, version="2.0.0", pass_score=0.95)
    return Preparation.objects.create(
        challenge=challenge, bundle=bundle, state=PreparationState.GREEN, given="d" * 64, hidden_set="e" * 64,
        deadline=timezone.now() + timedelta(minutes=30),
    )  # fmt: skip


def test_only_a_green_self_test_of_the_same_challenge_can_be_scored_against(
    challenge: Challenge, cairn: Team, organizer: User
) -> None:
    scored(challenge, cairn, 0.9)
    of_another = make_challenge(event=challenge.event, slug="another").preparation
    red = new_version(challenge)
    red.state = PreparationState.RED
    red.save()
    for wrong in (of_another, red):
        with pytest.raises(Refusal, match="cannot be scored against"):
            rescoring.start(challenge, "Mended", organizer, preparation=wrong)
    assert not Rescoring.objects.exists()


def test_another_version_takes_in_what_was_scored_meanwhile_before_it_is_kept(
    challenge: Challenge, cairn: Team, tarp: Team, organizer: User
) -> None:
    first = scored(challenge, cairn, 0.9)
    version = new_version(challenge)
    with pytest.raises(Refusal, match="for everybody"):
        rescoring.start(challenge, "Mended", organizer, team=cairn, preparation=version)
    begun = rescoring.start(challenge, "Mended", organizer, preparation=version)
    sent = _score_job(begun.attempts.get())
    assert (sent.hidden_set, sent.bundle) == ("e" * 64, version.bundle.digest)
    answer(begun, first, 0.85)
    second = scored(challenge, tarp, 0.8)
    with pytest.raises(Refusal, match="1 scored since"):
        boards.keep(begun, organizer)
    assert rescoring.catch_up(begun, organizer) == 1
    answer(begun, second, 0.99)
    boards.keep(begun, organizer)
    challenge.refresh_from_db()
    assert (challenge.bundle, challenge.preparation) == (version.bundle, version)
    assert on_board(challenge, organizer) == [("Tarp", 1, 0.99), ("Cairn", 2, 0.85)]
    assert Attainment.objects.get(team=cairn).passed_at is None
    assert leaderboards.rebuild_standings(challenge.event) == 0


def test_while_a_worker_is_at_the_old_version_the_new_one_is_not_kept(
    challenge: Challenge, cairn: Team, organizer: User
) -> None:
    first = scored(challenge, cairn, 0.9)
    begun = rescoring.start(challenge, "Mended", organizer, preparation=new_version(challenge))
    answer(begun, first, 0.85)
    running = inspected(challenge, cairn)
    running.attempts.filter(job="scoring").update(state="running")
    with pytest.raises(Refusal, match="old version"):
        boards.keep(begun, organizer)


def test_a_frozen_board_keeps_its_moment(challenge: Challenge, cairn: Team, organizer: User) -> None:
    submission = scored(challenge, cairn, 0.9)
    BoardRules.objects.create(event=challenge.event, freezes_at=timezone.now())
    leaderboards.rebuild_standings(challenge.event)
    begun = rescoring.start(challenge, "After the freeze", organizer)
    answer(begun, submission, 0.6)
    boards.keep(begun, organizer)
    assert FrozenStanding.objects.get().score == 0.6
    assert rescored_note(submission) == "Scored anew by the organizers."
