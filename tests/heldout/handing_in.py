"""A published challenge, files to hand in, and what a worker would answer."""

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.utils import timezone

from heldout import blobs
from heldout.accounts.models import User
from heldout.catalog.models import BaselineScore, BundleVersion, Challenge, Preparation, PreparationState
from heldout.events.models import Event
from heldout.leaderboards import actions as leaderboards
from heldout.submissions import actions
from heldout.submissions.models import Attempt, AttemptJob, AttemptState, Submission
from heldout.submissions.uploads import ReceivedFile
from heldout.teams.models import Team
from scoring import job, learned
from tests.heldout.factories import make_event

_numbers = count(1)
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAE0lEQVR4nGM4YaOhEbWAAYiBLAAgogSdxG7gdgAAAABJRU5ErkJggg=="
)
"""A PNG of four pixels."""
HIDDEN_SET = "a" * 64
GIVEN = "b" * 64
PRIVATE = 0.4321
"""A score that nobody but organizers may see, whole or rounded to 0.43."""


def manifest_json(slug: str = "warm-up", **fields: Any) -> dict[str, Any]:
    """The manifest of a small challenge on images."""
    return {
        "slug": slug,
        "title": "Warm up",
        "summary": "Tell two things apart.",
        "version": "1.0.0",
        "formats": ["onnx"],
        "pass_score": 0.8,
        "quota_per_day": 5,
        "task": {
            "kind": "classification",
            "classes": ["hat", "boot"],
            "metric": fields.pop("metric", "accuracy"),
            "input": {"type": "image", "channels": 1, "height": 8, "width": 8},
        },
        "data": {
            "seed": 1,
            "sizes": {"train": 100, "validation": 50, "public": 500, "private": 500},
            "sources": [{"name": "made up", "licence": "CC0"}],
        },
        "limits": {"wall_seconds": 30, "artefact_mb": 1},
        "baselines": [
            {
                "name": "Logistic regression",
                "strength": "weak",
                "script": "baseline.py",
                "artefact": "baseline.onnx",
                "format": "onnx",
                "score": 0.7,
                "tolerance": 0.05,
            }
        ],
        **fields,
    }


def make_bundle(**fields: Any) -> BundleVersion:
    """A registered bundle."""
    manifest = manifest_json(**fields)
    digest = hashlib.sha256(f"bundle {next(_numbers)}".encode()).hexdigest()
    return BundleVersion.objects.create(
        slug=manifest["slug"],
        version=manifest["version"],
        digest=digest,
        manifest_json=manifest,
        statement="# Warm up",
    )


def make_challenge(event: Event | None = None, *, opened: bool = True, **fields: Any) -> Challenge:
    """A challenge with a green self-test, open unless `opened` is false; `fields` go into the manifest."""
    number = next(_numbers)
    fields.setdefault("slug", f"challenge-{number}")
    bundle = make_bundle(**fields)
    challenge = Challenge.objects.create(
        event=event or make_event(),
        bundle=bundle,
        slug=bundle.slug,
        title=bundle.manifest.title,
        position=number,
    )
    preparation = Preparation.objects.create(
        challenge=challenge,
        bundle=bundle,
        state=PreparationState.GREEN,
        given=GIVEN,
        hidden_set=HIDDEN_SET,
        deadline=timezone.now() + timedelta(minutes=30),
    )
    challenge.preparation = preparation
    challenge.opened_at = timezone.now() - timedelta(minutes=1) if opened else None
    challenge.save()
    return challenge


def make_baseline(challenge: Challenge, score: float, **fields: Any) -> BaselineScore:
    """A reference model of the challenge, which has been prepared."""
    assert challenge.preparation is not None
    return BaselineScore.objects.create(
        preparation=challenge.preparation,
        name=fields.pop("name", "Logistic regression"),
        strength="weak",
        format="onnx",
        artefact="c" * 64,
        file_name="baseline.onnx",
        score=score,
        low=score - 0.02,
        high=score + 0.02,
        cost_json={"artefact_bytes": 10, "macs": 640},
    )


def make_file(content: bytes = b"") -> ReceivedFile:
    """A file in the store."""
    content = content or f"model {next(_numbers)}".encode()
    file = blobs.new_incoming()
    file.write_bytes(content)
    digest = blobs.digest_of(file)
    blobs.keep(file, digest)
    return ReceivedFile(digest, len(content), "model.onnx")


def member_of(team: Team) -> User:
    """Somebody of the team."""
    return User.objects.filter(memberships__team=team).order_by("pk")[0]


def hand_in(challenge: Challenge, team: Team, **fields: Any) -> Submission:
    """A submission as the site makes it: queued, its inspection sent."""
    author = fields.pop("author", None) or member_of(team)
    upload = fields.pop("upload", None) or make_file()
    return actions.submit(challenge=challenge, team=team, author=author, upload=upload, **fields)


def attempt_of(submission: Submission, kind: AttemptJob = AttemptJob.SCORING) -> Attempt:
    """The newest attempt of a kind."""
    return submission.attempts.filter(job=kind).order_by("-number")[0]


def passport_for(submission: Submission, **fields: Any) -> job.Passport:
    """What inspection would say of a sound model."""
    inspection = attempt_of(submission, AttemptJob.INSPECTION)
    cost = job.Cost(artefact_bytes=10, parameters=100, macs=640)
    return job.Passport(
        **{"attempt": inspection.pk, "format": "onnx", "cost": cost, "seconds": 0.1, **fields}
    )


def inspected(challenge: Challenge, team: Team, **fields: Any) -> Submission:
    """A submission that waits to be scored, or is with a worker if one is free."""
    submission = hand_in(challenge, team, **fields)
    actions.record_passport(passport_for(submission))
    return fresh(submission)


def split_score(split: str, value: float, width: float = 0.02) -> job.SplitScore:
    return job.SplitScore(
        split=split,
        value=value,
        low=value - width,
        high=value + width,
        count=500,
        metrics={"accuracy": value},
    )


def evaluation_for(submission: Submission, value: float = 0.9, /, **fields: Any) -> job.Evaluation:
    """What a worker would say of a run: `value` on the public split, `PRIVATE` on the private one."""
    scores = [
        split_score("validation", value + 0.01),
        split_score("public", value),
        split_score("private", PRIVATE),
    ]
    defaults = {
        "attempt": attempt_of(submission).pk,
        "artefact": submission.blob_id,
        "bundle": submission.challenge.bundle.digest,
        "engine": "1",
        "worker": "one",
        "scores": scores,
        "outcomes": [job.Outcomes(split="public", count=500, predicted="AAAA", confidence="AAAA")],
        "cost": job.Cost(artefact_bytes=10, macs=640, milliseconds_per_example=0.5),
        "stages": {"queue": 0.1, "sandbox": 0.2, "load": 0.1, "predict": 1.0, "metric": 0.1},
    }
    return job.Evaluation.model_validate(defaults | fields)


def verdict(code: job.VerdictCode = "bad_shape") -> job.Verdict:
    return job.Verdict(code=code, found="[n, 3]", expected="[n, 2]", fix="Give a score a class.")


def put_to_work(submission: Submission) -> Attempt:
    """Let the submission's scoring be dispatched, whoever else waits."""
    attempt = attempt_of(submission)
    Attempt.objects.filter(pk=attempt.pk, state=AttemptState.WAITING).update(
        state=AttemptState.DISPATCHED,
        queue=job.CPU_QUEUE,
        dispatched_at=timezone.now(),
        lease_until=timezone.now() + timedelta(seconds=15),
    )
    return attempt_of(submission)


def scored(challenge: Challenge, team: Team, value: float = 0.9, **fields: Any) -> Submission:
    """A submission that was scored and is on the board."""
    found = fields.pop("insight", None)
    submission = inspected(challenge, team, **fields)
    put_to_work(submission)
    leaderboards.record_evaluation(evaluation_for(submission, value, insight=found))
    return fresh(submission)


def rehearsed(challenge: Challenge, team: Team, value: float = 0.9, **fields: Any) -> Submission:
    """A rehearsal that went well; `fields` go into what the worker says."""
    submission = inspected(challenge, team, rehearsal=True, note=fields.pop("note", ""))
    put_to_work(submission)
    leaderboards.record_evaluation(rehearsal_for(submission, value, **fields))
    return fresh(submission)


def rehearsal_for(submission: Submission, value: float = 0.9, /, **fields: Any) -> job.Evaluation:
    """What a worker would say of a rehearsal: `value` on the validation split, and a log."""
    defaults = {
        "scores": [split_score("validation", value)],
        "outcomes": [job.Outcomes(split="validation", count=50, values="AAAA")],
        "log_excerpt": "loading weights",
    }
    return evaluation_for(submission, value, **(defaults | fields))


def insight(**fields: Any) -> learned.Insight:
    """What an engine would find in the answers to 50 hats and boots."""
    mistake = learned.Case(
        id="v17", truth="hat", predicted="boot", confidence=0.97, value=0.0, picture=PICTURE, row=0,
        truth_layer=PICTURE, predicted_layer=PICTURE, notes=["hat taken for boot, IoU 0.71, 97 % sure"],
    )  # fmt: skip
    nearest = [
        learned.Neighbour(id="v5", name="identity 8", likeness=0.91, right=False, picture=PICTURE),
        learned.Neighbour(id="v6", name="identity 7", likeness=0.87, right=True, picture=PICTURE),
    ]
    query = learned.Case(
        id="v4", truth="identity 7", predicted="identity 8", picture=PICTURE, neighbours=nearest, true_rank=2
    )
    suspect = learned.Case(id="v3", truth="boot", predicted="hat", confidence=0.99, picture=PICTURE)
    hats = learned.ClassScore(name="hat", count=30, scores={"recall": 0.9, "f1": 0.88})
    boots = learned.ClassScore(name="boot", count=20, scores={"recall": 0.75, "f1": None})
    defaults = {
        "confusion": [[27, 3], [5, 15]],
        "classes": [hats, boots],
        "slices": [
            learned.Slice(name="brightness: darkest", count=17, value=0.71),
            learned.Slice(name="brightness: brightest", count=16, value=0.93),
        ],
        "mistakes": [mistake, query],
        "breakdown": breakdown(),
        "changes": changes(),
        "suspects": [suspect],
        "hidden": {
            "public": [learned.ClassScore(name="hat", count=250, scores={"recall": 0.8765})],
            "private": [learned.ClassScore(name="hat", count=250, scores={"recall": PRIVATE})],
        },
    }
    return learned.Insight.model_validate(defaults | fields)


def breakdown() -> learned.Breakdown:
    """What a small network costs, by parts and at other resolutions. A layer has a hostile name."""
    parts = [
        learned.Part(name="<b>first</b>", kind="Conv", count=3, macs=600, parameters=80),
        learned.Part(name="", kind="STFT", count=1, macs=None, parameters=0),
    ]
    sizes = [learned.AtSize(height=side, width=side, macs=10 * side**2) for side in (4, 8, 16)]
    return learned.Breakdown(kinds=parts, layers=parts[:1], sizes=sizes)


def changes() -> learned.Changes:
    """What a file of a data challenge did."""
    examples = [
        learned.Change(id="t1", given="hat", new="boot", picture=PICTURE),
        learned.Change(id="t2", given="boot", new=""),
    ]
    return learned.Changes(
        kept=97, dropped=1, relabelled=2, examples=examples, pairs=[("hat", "boot", 2)],
        classes=[learned.ClassChange(name="hat", given=50, left=48)],
    )  # fmt: skip


def progress_for(submission: Submission, worker: str = "one", **fields: Any) -> job.Progress:
    defaults = {"stage": "predicting", "fraction": 0.5}
    return job.Progress(attempt=attempt_of(submission).pk, worker=worker, **(defaults | fields))


def heartbeat(worker: str = "one", running: UUID | None = None, **fields: Any) -> job.WorkerSeen:
    queues = fields.pop("queues", [job.CPU_QUEUE, job.INSPECT_QUEUE])
    formats = fields.pop("formats", ["onnx"])
    return job.WorkerSeen(worker=worker, queues=queues, formats=formats, running=running)


def fresh(submission: Submission) -> Submission:
    """The submission as the database has it now."""
    return Submission.objects.select_related("challenge__bundle", "challenge__event", "team__event").get(
        pk=submission.pk
    )
