"""An event with many teams and scored submissions, written straight into the database."""

import random
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heldout.catalog.models import Challenge
    from heldout.teams.models import Team

AT_ONCE = 5000
DIGEST = "a" * 64


def seed(teams: int, submissions: int) -> tuple["Challenge", str]:
    """Add so many scored submissions, spread over the teams; gives the challenge and a member's cookie.

    The first call makes the event, its teams and a member; a later one adds to them.
    """
    from heldout.catalog.models import Challenge
    from heldout.submissions.models import Submission
    from heldout.teams.models import Team

    if not Challenge.objects.exists():
        _event(teams)
    challenge = Challenge.objects.select_related("event", "bundle", "preparation").get()
    everyone = list(Team.objects.all())
    begun = Submission.objects.count()
    for start in range(0, submissions, AT_ONCE):
        _scored(challenge, everyone, begun + start, min(AT_ONCE, submissions - start))
    _keep_standings(challenge, everyone)
    return challenge, _cookie()


def _event(teams: int) -> None:
    from django.utils import timezone

    from heldout.accounts.models import User
    from heldout.catalog.models import BundleVersion, Challenge, Preparation, PreparationState
    from heldout.events.models import Event, Role, RoleName
    from heldout.submissions.models import Blob
    from heldout.teams.models import Membership, Team

    now = timezone.now()
    event = Event.objects.create(
        slug="bench", name="Bench", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1)
    )
    bundle = BundleVersion.objects.create(
        slug="warm-up", version="1.0.0", digest=DIGEST, manifest_json=_manifest(), statement="# Warm up"
    )
    challenge = Challenge.objects.create(
        event=event, bundle=bundle, slug="warm-up", title="Warm up", position=1
    )
    challenge.preparation = Preparation.objects.create(
        challenge=challenge, bundle=bundle, state=PreparationState.GREEN, deadline=now
    )
    challenge.opened_at = now - timedelta(hours=1)
    challenge.save()
    user = User.objects.create_user("member@bench.example", name="Member")
    Role.objects.create(event=event, user=user, name=RoleName.PARTICIPANT)
    for number in range(teams):
        team = Team.objects.create(event=event, name=f"Team {number:04}")
        if number == teams // 2:
            Membership.objects.create(team=team, event=event, user=user)
    Blob.objects.create(digest=DIGEST, size=10)


def _manifest() -> dict[str, Any]:
    task = {
        "kind": "classification",
        "classes": ["hat", "boot"],
        "metric": "accuracy",
        "input": {"type": "image", "channels": 1, "height": 8, "width": 8},
    }
    baseline = {
        "name": "Linear", "strength": "weak", "script": "b.py", "artefact": "b.onnx", "format": "onnx",
        "score": 0.7, "tolerance": 0.05,
    }  # fmt: skip
    return {
        "slug": "warm-up", "title": "Warm up", "summary": "Tell two things apart.", "version": "1.0.0",
        "formats": ["onnx"], "pass_score": 0.8, "quota_per_day": 5, "task": task,
        "data": {
            "seed": 1,
            "sizes": {"train": 100, "validation": 50, "public": 500, "private": 500},
            "sources": [{"name": "made up", "licence": "CC0"}],
        },
        "limits": {"wall_seconds": 30, "artefact_mb": 1},
        "baselines": [baseline],
    }  # fmt: skip


def _scored(challenge: "Challenge", teams: list["Team"], begun: int, count: int) -> None:
    from heldout.accounts.models import User
    from heldout.submissions.models import (
        Attempt,
        AttemptState,
        Evaluation,
        Score,
        Submission,
        SubmissionState,
    )

    author = User.objects.get()
    draw = random.Random(begun)  # noqa: S311 (scores, not secrets)
    submissions = [
        Submission(
            id=uuid.uuid4(), number=(begun + index) // len(teams) + 1, challenge=challenge,
            team=teams[(begun + index) % len(teams)], author=author, blob_id=DIGEST, file_name="m.onnx",
            format="onnx", state=SubmissionState.SCORED,
        )
        for index in range(count)
    ]  # fmt: skip
    attempts = [Attempt(submission=made, job="scoring", state=AttemptState.DONE) for made in submissions]
    runs = [
        Evaluation(
            attempt=attempt, submission=made, bundle=DIGEST, engine="1", worker="w",
            cost_json={"artefact_bytes": 10, "macs": draw.randrange(10**6)},
        )
        for attempt, made in zip(attempts, submissions, strict=True)
    ]  # fmt: skip
    Submission.objects.bulk_create(submissions, batch_size=1000)
    Attempt.objects.bulk_create(attempts, batch_size=1000)
    Evaluation.objects.bulk_create(runs, batch_size=1000)
    values = [round(draw.uniform(0.3, 0.95), 4) for _ in runs]
    Score.objects.bulk_create(
        [
            Score(evaluation=run, split="public", value=v, low=v - 0.02, high=v + 0.02, count=500)
            for run, v in zip(runs, values, strict=True)
        ],
        batch_size=1000,
    )


def _keep_standings(challenge: "Challenge", teams: list["Team"]) -> None:
    """The standings as `keep_standing` would leave them, for all teams at once."""
    from heldout.leaderboards.models import Standing
    from heldout.leaderboards.places import best_places, public_runs

    Standing.objects.filter(challenge=challenge).delete()
    Standing.objects.bulk_create(
        Standing(
            challenge=challenge, team_id=team, submission_id=place.run.submission, score=place.run.score,
            low=place.run.low, high=place.run.high, achieved_at=place.run.at, scored_count=place.count,
        )
        for team, place in best_places(public_runs(challenge, None), higher_is_better=True).items()
    )  # fmt: skip


def _cookie() -> str:
    from django.test import Client

    from heldout.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"sessionid={client.cookies['sessionid'].value}"
