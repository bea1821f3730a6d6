"""From a bundle to an open challenge."""

import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from challenges.bundle import BundleError
from heldout import blobs
from heldout.audit.models import AuditEntry
from heldout.catalog import actions, queries
from heldout.catalog.models import BaselineScore, Challenge, Preparation, PreparationState
from heldout.catalog.rules import NotReady
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.submissions.actions import sweep
from scoring import job
from tests.heldout import broker
from tests.heldout.factories import make_event, make_organizer, make_participant
from tests.heldout.handing_in import make_bundle, make_challenge, split_score

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return make_event()


@pytest.fixture
def draft(event: Event) -> Challenge:
    return actions.add_challenge(event, make_bundle(), 1, 100, make_organizer(event))


def report(preparation: Preparation, **fields: Any) -> job.PreparationReport:
    check = job.Check(name="A perfect model scores 1", passed=True, found="1.0", expected="1.0")
    baseline = job.BaselineResult(
        name="Logistic regression",
        format="onnx",
        artefact="c" * 64,
        file_name="baseline.onnx",
        scores=[split_score("public", 0.7), split_score("private", 0.69)],
        cost=job.Cost(artefact_bytes=10),
    )
    defaults = {
        "preparation": preparation.pk,
        "bundle": preparation.bundle.digest,
        "hidden_set": "a" * 64,
        "given": "b" * 64,
        "checks": [check],
        "baselines": [baseline],
    }
    return job.PreparationReport.model_validate(defaults | fields)


RED = job.Check(name="Random guesses score low", passed=False, found="0.9", expected="at most 0.6")


def state(challenge: Challenge) -> str:
    [card] = queries.challenges_for(challenge.event, make_organizer(challenge.event))
    return card.state


def test_a_built_in_bundle_becomes_a_blob_and_is_registered_once(event: Event) -> None:
    folder = queries.builtin_bundles()[0]
    organizer = make_organizer(event)
    first, second = (actions.register_bundle(folder, organizer) for _ in range(2))
    assert first == second
    assert blobs.digest_of(blobs.path(first.digest)) == first.digest
    assert AuditEntry.objects.filter(action="bundle.registered").count() == 1


def test_a_faulty_bundle_says_what_is_wrong(tmp_path: Any) -> None:
    with pytest.raises(BundleError):
        actions.register_bundle(tmp_path, None)


def test_two_challenges_cannot_share_a_place(event: Event, draft: Challenge) -> None:
    with pytest.raises(Refusal, match="already number 1"):
        actions.add_challenge(event, make_bundle(slug="other"), 1, 100, None)


def test_a_challenge_goes_from_draft_to_open(draft: Challenge) -> None:
    assert state(draft) == "draft"
    preparation = actions.prepare(draft, None)
    assert state(draft) == "preparing"
    [sent] = broker.jobs_in(job.PREPARE_QUEUE)
    assert (sent["preparation"], sent["secret"]) == (str(preparation.pk), draft.event.secret)

    actions.record_preparation(report(preparation))
    assert state(draft) == "ready"
    assert [b.score for b in queries.baselines(Challenge.objects.get())] == [0.7]

    actions.open_challenge(Challenge.objects.get(), None)
    assert state(draft) == "open"
    actions.close_challenge(Challenge.objects.get(), None)
    assert state(draft) == "closed"
    actions.open_challenge(Challenge.objects.get(), None)
    assert state(draft) == "open"


def test_nothing_opens_before_its_self_test(draft: Challenge) -> None:
    with pytest.raises(NotReady, match="not been prepared"):
        actions.open_challenge(draft, None)
    preparation = actions.prepare(draft, None)
    with pytest.raises(NotReady, match="still running"):
        actions.open_challenge(draft, None)
    actions.record_preparation(report(preparation, checks=[RED]))
    assert state(draft) == "red"
    with pytest.raises(NotReady, match=r"Random guesses score low: found 0\.9, expected at most 0.6"):
        actions.open_challenge(draft, None)


@pytest.mark.parametrize("missing", ["hidden_set", "given"])
def test_a_green_report_without_its_splits_is_not_green(draft: Challenge, missing: str) -> None:
    actions.record_preparation(report(actions.prepare(draft, None), **{missing: None}))
    assert state(draft) == "red"


def test_a_second_report_changes_nothing(draft: Challenge) -> None:
    preparation = actions.prepare(draft, None)
    actions.record_preparation(report(preparation))
    actions.record_preparation(report(preparation, checks=[RED]))
    assert state(draft) == "ready"
    assert BaselineScore.objects.count() == 1


def test_a_report_on_another_bundle_changes_nothing(draft: Challenge) -> None:
    preparation = actions.prepare(draft, None)
    actions.record_preparation(report(preparation, bundle="f" * 64))
    assert state(draft) == "preparing"


def test_it_is_not_prepared_twice_at_once(draft: Challenge) -> None:
    actions.prepare(draft, None)
    with pytest.raises(Refusal, match="being prepared already"):
        actions.prepare(draft, None)


def test_the_splits_of_an_open_challenge_stay(event: Event) -> None:
    with pytest.raises(Refusal, match="has opened"):
        actions.prepare(make_challenge(event), None)


def test_preparing_anew_takes_the_old_green_light_away(draft: Challenge) -> None:
    actions.record_preparation(report(actions.prepare(draft, None)))
    actions.prepare(draft, None)
    with pytest.raises(NotReady):
        actions.open_challenge(Challenge.objects.get(), None)


def test_what_did_not_commit_is_not_sent(draft: Challenge) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.prepare(draft, None)
        raise RuntimeError
    assert broker.jobs_in(job.PREPARE_QUEUE) == []


def test_a_lost_preparation_is_sent_again_unless_a_worker_is_at_it(draft: Challenge) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        preparation = actions.prepare(draft, None)
        broker.empty()
        clock.shift(timedelta(seconds=20))
        actions.record_preparing(job.Preparing(preparation=preparation.pk, worker="one"))
        clock.shift(timedelta(seconds=20))
        assert sweep(timezone.now()).sent_again == 0
        clock.shift(timedelta(seconds=20))
        assert sweep(timezone.now()).sent_again == 1
        assert sweep(timezone.now()).sent_again == 0
    assert len(broker.jobs_in(job.PREPARE_QUEUE)) == 1


def test_a_preparation_that_does_not_end_is_tried_once_more_and_then_fails(draft: Challenge) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        actions.prepare(draft, None)
        clock.shift(timedelta(minutes=30))
        sweep(timezone.now())
        assert Preparation.objects.get().tries == 2
        clock.shift(timedelta(minutes=30))
        sweep(timezone.now())
    assert Preparation.objects.get().state == PreparationState.FAILED
    with pytest.raises(NotReady, match="No worker finished"):
        actions.open_challenge(draft, None)


def test_participants_see_locked_challenges_but_not_how_far_they_are(event: Event) -> None:
    ready, opened = make_challenge(event, opened=False), make_challenge(event)
    states = {c.challenge: c.state for c in queries.challenges_for(event, make_participant(event))}
    assert states == {ready: "draft", opened: "open"}
    for slug, found in ((ready.slug, None), (opened.slug, opened)):
        assert queries.open_challenge_or_none(event, slug, make_participant(event)) == found
    assert queries.open_challenge_or_none(event, ready.slug, make_organizer(event)) == ready


def test_the_page_says_what_the_manifest_says(event: Event) -> None:
    page = queries.challenge_page(make_challenge(event))
    assert (page.quota_per_day, page.max_mb, page.pass_score) == (5, 1, 0.8)
    assert page.statement_html == "<h1>Warm up</h1>\n"


def test_the_contact_sheet_comes_out_of_the_given_archive(event: Event) -> None:
    challenge = make_challenge(event)
    assert queries.preview_file(challenge) is None
    archive = blobs.new_incoming()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("data/preview.png", b"\x89PNG")
    digest = blobs.digest_of(archive)
    blobs.keep(archive, digest)
    assert challenge.preparation
    challenge.preparation.given = digest
    for _ in range(2):
        preview = queries.preview_file(challenge)
        assert preview and preview.read_bytes() == b"\x89PNG"
