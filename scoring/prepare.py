"""A challenge's dress rehearsal: build its splits, train its baselines, try to cheat.

The bundle is the organizers' and runs as an ordinary process of the worker; what its baselines
produce is scored like any submission.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from challenges import bundle as bundles
from challenges.bundle import Bundle, BundleError
from challenges.manifest import HIDDEN_SPLITS, Baseline, Format
from scoring import checks, engine, tethered
from scoring.formats.exam import Runner
from scoring.job import BaselineResult, Check, PreparationReport, PrepareJob, ScoreJob
from scoring.store import Blobs, Store, digest_of, hidden_set, train_split
from scoring.verdicts import PLATFORM_FAULT

logger = logging.getLogger(__name__)

BUILD_SECONDS = 900.0
BASELINE_SECONDS = 900.0
_LAST_CHARACTERS = 1500
_PASSED_ON = ("PATH", "HOME", "HELDOUT_DATA", "PYTHONPATH", "TMPDIR", "XDG_CACHE_HOME")


class Failed(Exception):
    """A step of the bundle's own failed; the check says how."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.found)
        self.check = check


@dataclass(frozen=True)
class Means:
    """What a preparation works with."""

    blobs: Blobs
    hidden: Store
    run: Runner
    formats: list[Format]


def prepare(
    job: PrepareJob, blobs: Blobs, hidden: Store, run: Runner, formats: list[Format]
) -> PreparationReport:
    """Build a bundle with the event's secret, store what it gives, and test it.

    `formats` are those that this machine may run. Never raises: a fault of the bundle is a check
    that did not pass, one of ours is a verdict.
    """
    report = PreparationReport(preparation=job.preparation, bundle=job.bundle, checks=[])
    try:
        with tempfile.TemporaryDirectory(prefix="heldout-prepare-") as folder:
            return _prepared(job, Means(blobs, hidden, run, formats), Path(folder), report)
    except Failed as failed:
        return report.model_copy(update={"checks": [failed.check]})
    except Exception:
        logger.exception("preparation %s failed", job.preparation)
        return report.model_copy(update={"verdict": PLATFORM_FAULT})


def _prepared(job: PrepareJob, means: Means, folder: Path, report: PreparationReport) -> PreparationReport:
    bundle = _unpacked(means.blobs.fetch(job.bundle), folder / "bundle")
    built = folder / "built"
    command = ["-m", "challenges.build", str(bundle.folder), "--target", str(built), "--secret-stdin"]
    _python(command, "The data can be built", BUILD_SECONDS, given=job.secret + "\n")
    hidden = means.hidden.put(built / "hidden.npz")
    splits = hidden_set(means.hidden, hidden)
    found = checks.of_data(bundle.manifest, built / "given", splits, means.run)
    results: list[BaselineResult] = []
    for baseline in bundle.manifest.baselines:
        check, result = _baseline(baseline, bundle, built / "given", folder, hidden, means)
        found.append(check)
        results += [result] if result else []
    found += checks.of_order(bundle.manifest, results)
    found += checks.of_look_up(_looked_up(bundle, built / "hidden.npz"), results)
    given = means.blobs.put(built / "given.zip")
    update = {"hidden_set": hidden, "given": given, "checks": found, "baselines": results}
    return report.model_copy(update=update)


def _looked_up(bundle: Bundle, hidden: Path) -> float | None:
    """The accuracy of a look-up in the bundle's public source; None where there are no classes to look up,
    or the bundle names no such source."""
    if bundle.manifest.task.kind != "classification":
        return None
    name = "Hidden examples can be looked up"
    command = ["-m", "challenges.lookup", str(bundle.folder), str(hidden)]
    found = json.loads(_python(command, name, BUILD_SECONDS).splitlines()[-1])
    return None if found is None else float(found["accuracy"])


def _unpacked(archive: Path, folder: Path) -> Bundle:
    try:
        bundles.unpack(archive, folder)
        return bundles.read(folder)
    except BundleError as error:
        name = "The bundle is in order"
        raise Failed(Check(name=name, passed=False, found=str(error), expected="no fault")) from error


def _python(arguments: list[str], name: str, seconds: float, given: str = "") -> str:
    """Run a script of the bundle to its end; what it printed. Raises `Failed` with its last lines."""
    process = subprocess.Popen(  # noqa: S603 - our interpreter; the bundle is the organizers' own
        tethered.command([sys.executable, *arguments]),
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    expected = f"an end without error within {seconds:.0f} seconds"
    try:
        output, _ = process.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        found = f"still running after {seconds:.0f} seconds"
        raise Failed(Check(name=name, passed=False, found=found, expected=expected)) from error
    finally:
        _end(process)
    if process.returncode != 0:
        found = output[-_LAST_CHARACTERS:].strip() or f"exit code {process.returncode}"
        raise Failed(Check(name=name, passed=False, found=found, expected=expected))
    return output


def _end(process: "subprocess.Popen[str]") -> None:
    """End the process and all that it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _baseline(
    baseline: Baseline, bundle: Bundle, given: Path, folder: Path, hidden: str, means: Means
) -> tuple[Check, BaselineResult | None]:
    """Train one baseline, score it on the hidden splits, compare with what the bundle promises."""
    name = f"Baseline '{baseline.name}' scores as promised"
    expected = f"{baseline.score:g} ± {baseline.tolerance:g} on the private split"
    if baseline.format not in means.formats:
        found = f"not run: this worker cannot enforce the sandbox that {baseline.format} needs"
        return Check(name=name, passed=True, found=found, expected=expected), None
    try:
        artefact = _trained(baseline, bundle, given, folder / "baselines" / baseline.artefact, name)
        result = _scored(baseline, bundle, artefact, hidden, means, name)
    except Failed as failed:
        return failed.check, None
    value = next(score.value for score in result.scores if score.split == "private")
    close = abs(value - baseline.score) <= baseline.tolerance
    return Check(name=name, passed=close, found=f"{value:.4f}", expected=expected), result


def _trained(baseline: Baseline, bundle: Bundle, given: Path, artefact: Path, name: str) -> Path:
    out = artefact.parent
    out.mkdir(parents=True, exist_ok=True)
    script = str(bundle.folder / baseline.script)
    _python([script, "--data", str(given), "--out", str(out)], name, BASELINE_SECONDS)
    if not artefact.is_file():
        found = f"{baseline.script} wrote no {baseline.artefact}"
        raise Failed(Check(name=name, passed=False, found=found, expected="the artefact in its --out folder"))
    return artefact


def _scored(
    baseline: Baseline, bundle: Bundle, artefact: Path, hidden: str, means: Means, name: str
) -> BaselineResult:
    manifest = bundle.manifest
    job = ScoreJob(
        attempt=uuid4(),
        artefact=digest_of(artefact),
        format=baseline.format,
        hidden_set=hidden,
        bundle=bundle.digest,
        task=manifest.task,
        limits=manifest.limits,
        seed=manifest.data.seed,
    )
    splits = hidden_set(means.hidden, hidden)
    train = train_split(means.hidden, hidden) if manifest.task.training is not None else None
    evaluation = engine.evaluate(
        job, artefact, splits, means.run, lambda stage, share: None, "preparation", train
    )
    if evaluation.verdict is not None or evaluation.cost is None:
        verdict = evaluation.verdict or PLATFORM_FAULT
        found = f"{verdict.title}: {verdict.found}"
        raise Failed(Check(name=name, passed=False, found=found, expected=verdict.expected))
    return BaselineResult(
        name=baseline.name,
        format=baseline.format,
        artefact=means.blobs.put(artefact),
        file_name=baseline.artefact,
        scores=[score for score in evaluation.scores if score.split in HIDDEN_SPLITS],
        cost=evaluation.cost,
    )
