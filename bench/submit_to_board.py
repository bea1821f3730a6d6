"""How long after an upload is accepted does the board change on somebody else's screen?

Runs the whole platform on loopback (broker, site, the site's worker, one scoring worker), lets one team
after another submit the same small ONNX model, and waits for the board's event in a watcher. In the same
run the bare model predicts on the same inputs with onnxruntime, one thread, in turn with the submissions.

    python -m bench.submit_to_board [--rounds 20] [--bundle first-steps]

The last line is one JSON object: p50_s, overhead_s (p50 without bare inference), and stages, the median
seconds of each.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench.watcher import Watcher
from heldout.demo.machine import free_port
from heldout.demo.supervisor import Demo

if TYPE_CHECKING:
    from heldout.catalog.models import Challenge
    from heldout.events.models import Event
    from heldout.submissions.models import Submission

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("inspect", "queue", "sandbox", "load", "predict", "metric", "record", "publish")


@contextmanager
def platform(folder: Path) -> Iterator[Demo]:
    """The whole platform in a folder of its own, ended afterwards."""
    demo = Demo(var=folder, port=free_port())
    try:
        demo.prepare()
        demo.start()
        os.environ.update(demo.site_environment)
        import django

        django.setup()
        yield demo
    finally:
        demo.processes.stop()


def open_challenge(bundle: str) -> "Challenge":
    """An event with one challenge, really prepared by the worker and opened."""
    from datetime import timedelta

    from django.utils import timezone

    from heldout.accounts.models import User
    from heldout.catalog import actions
    from heldout.catalog.models import Preparation, PreparationState
    from heldout.events.models import Event

    now = timezone.now()
    organizer = User.objects.create_superuser("organizer@bench.example")
    event = Event.objects.create(
        slug="bench", name="Bench", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=1)
    )
    folder = ROOT / "challenges" / "openhack_ml" / bundle
    challenge = actions.add_challenge(event, actions.register_bundle(folder, organizer), 1, 100, organizer)
    preparation = actions.prepare(challenge, organizer)
    while Preparation.objects.get(pk=preparation.pk).state == PreparationState.QUEUED:
        time.sleep(0.5)
    challenge.refresh_from_db()
    actions.open_challenge(challenge, organizer)
    return challenge


def session_of(event: "Event", name: str, base_url: str) -> httpx.Client:
    """A signed-in participant with a team of one, as a browser would be."""
    from django.conf import settings
    from django.test import Client

    from heldout.accounts.models import User
    from heldout.events.models import Role, RoleName
    from heldout.teams.models import Membership, Team

    user = User.objects.create_user(f"{name}@bench.example", name=name)
    Role.objects.create(event=event, user=user, name=RoleName.PARTICIPANT)
    team = Team.objects.create(event=event, name=name)
    Membership.objects.create(team=team, event=event, user=user)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    return httpx.Client(base_url=base_url, cookies={settings.SESSION_COOKIE_NAME: cookie}, timeout=60)


def upload(session: httpx.Client, challenge: "Challenge", model: Path) -> float:
    """Hand the model in through the page's own form; the moment of acceptance, seconds since the epoch."""
    page = f"/events/{challenge.event.slug}/challenges/{challenge.slug}/"
    session.get(page).raise_for_status()
    with model.open("rb") as file:
        answer = session.post(
            f"{page}submissions/",
            files={"artefact": (model.name, file)},
            data={"note": "", "csrfmiddlewaretoken": session.cookies["csrftoken"]},
        )
    accepted = time.time()
    if answer.status_code not in (200, 201, 302):
        raise SystemExit(f"the upload was refused with {answer.status_code}: {answer.text[:300]}")
    return accepted


def stages_of(submission: "Submission", accepted: float, heard: float) -> dict[str, float]:
    """Seconds of each stage of one submission, from the rows that the platform keeps."""
    inspection = submission.attempts.get(job="inspection")
    scoring = submission.attempts.get(job="scoring")
    inside: dict[str, float] = scoring.evaluation.stages
    recorded = scoring.evaluation.created_at.timestamp()
    spent = sum(inside.get(name, 0.0) for name in ("sandbox", "load", "predict", "metric"))
    inspected = seconds_of(inspection.finished_at)
    queue = seconds_of(scoring.started_at or inspection.finished_at) - inspected
    return {
        "inspect": inspected - accepted,
        "queue": queue,
        **{name: inside.get(name, 0.0) for name in ("sandbox", "load", "predict", "metric")},
        "record": recorded - inspected - queue - spent,
        "publish": heard - recorded,
    }


def seconds_of(moment: datetime | None) -> float:
    """A moment that is over, in seconds since the epoch."""
    if moment is None:
        raise SystemExit("a submission is on the board whose run is not over")
    return moment.timestamp()


def bare_seconds(model: Path, inputs: Any) -> float:
    """onnxruntime alone, one thread, on the same inputs in the engine's own batches."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    started = time.perf_counter()
    for first in range(0, len(inputs), 64):
        batch = inputs[first : first + 64]
        scaled = batch.astype(np.float32) / np.float32(255) if batch.dtype == np.uint8 else batch
        session.run(None, {name: scaled})
    return time.perf_counter() - started


def hidden_inputs(demo: Demo) -> Any:
    """The inputs of every split that the engine scores, as the worker keeps them."""
    import numpy as np

    newest = max((demo.var / "hidden").rglob("*"), key=lambda path: (path.is_file(), path.stat().st_mtime))
    with np.load(newest, allow_pickle=False) as arrays:
        return np.concatenate([arrays[f"{split}_inputs"] for split in ("validation", "public", "private")])


def one_round(
    demo: Demo, challenge: "Challenge", model: Path, watcher: Watcher
) -> tuple[float, dict[str, float]]:
    """One submission of a new team, so that its standing must appear on the board."""
    from heldout.submissions.models import Submission

    name = f"team-{uuid.uuid4().hex[:8]}"
    with session_of(challenge.event, name, demo.address) as session:
        watcher.clear()
        accepted = upload(session, challenge, model)
        heard = watcher.wait()
    submission = Submission.objects.get(team__name=name)
    return heard - accepted, stages_of(submission, accepted, heard)


def measure(demo: Demo, bundle: str, rounds: int) -> dict[str, Any]:
    """All rounds, each followed by the bare model."""
    from heldout import blobs
    from heldout.catalog.models import BaselineScore

    challenge = open_challenge(bundle)
    model = blobs.path(BaselineScore.objects.get(format="onnx").artefact)
    inputs = hidden_inputs(demo)
    totals, parts, bare = [], [], []
    live, event = f"/events/{challenge.event.slug}/live/", f"board-{challenge.slug}"
    session = session_of(challenge.event, "watcher", demo.address)
    with session, Watcher(session, live, event) as watcher:
        for _ in range(rounds + 1):
            total, stages = one_round(demo, challenge, model, watcher)
            totals.append(total)
            parts.append(stages)
            bare.append(bare_seconds(model, inputs))
    # The first round fills caches (the hidden set, the bytecode), so it is shown apart.
    return {
        "bundle": bundle,
        "examples": len(inputs),
        "first_s": totals[0],
        "p50_s": statistics.median(totals[1:]),
        "max_s": max(totals[1:]),
        "bare_s": statistics.median(bare[1:]),
        "overhead_s": statistics.median(t - b for t, b in zip(totals[1:], bare[1:], strict=True)),
        "stages": {name: statistics.median(p[name] for p in parts[1:]) for name in STAGES},
    }


def show(result: dict[str, Any], rounds: int) -> None:
    """The figures for a person, then for a machine."""
    print(f"{result['bundle']}: {rounds} submissions, {result['examples']} examples each")
    print(f"  accepted to board event   p50 {result['p50_s']:.3f} s   max {result['max_s']:.3f} s")
    print(f"  first submission          {result['first_s']:.3f} s")
    print(f"  bare onnxruntime          p50 {result['bare_s']:.3f} s")
    print(f"  overhead                  p50 {result['overhead_s']:.3f} s")
    for name, seconds in result["stages"].items():
        print(f"    {name:<10}{seconds:8.3f} s")
    print(json.dumps({k: v for k, v in result.items() if k in ("p50_s", "overhead_s", "stages")}))


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--bundle", default="first-steps")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="heldout-bench-") as folder, platform(Path(folder)) as demo:
        show(measure(demo, options.bundle, options.rounds), options.rounds)


if __name__ == "__main__":
    main()
