"""What must hold of a challenge's data and of its baselines before it may open."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from challenges import likeness
from challenges.manifest import GIVEN_SPLITS, HIDDEN_SPLITS, Manifest, Split
from challenges.splits import Inputs, LabelledSplit, read_split
from challenges.task import ImageInput
from scoring import scores
from scoring.custom import MetricFault
from scoring.formats.exam import Runner
from scoring.job import BaselineResult, Check
from scoring.kinds.kind import Predictions
from scoring.kinds.registry import KINDS

Splits = Mapping[Split, LabelledSplit]

_SEED = 7


def of_data(manifest: Manifest, given: Path, hidden: Splits, run: Runner) -> list[Check]:
    """Checks of the splits themselves: the metric's ends, and ways to cheat."""
    private = hidden["private"]
    known = {split: read_split(given, split) for split in GIVEN_SPLITS}
    return [
        _perfect(manifest, private, run),
        _random(manifest, private),
        _nothing_shared(known, hidden),
        *_nothing_alike(manifest, {**known, **hidden}),
        _look_up(manifest, known, private),
        *_no_labels_released(manifest, given, hidden),
    ]


def _perfect(manifest: Manifest, split: LabelledSplit, run: Runner) -> Check:
    task = manifest.task
    kind = KINDS[task.kind]
    answers = kind.prepared(kind.reference(split.labels, task), task)
    best = scores.best_value(task)
    name = "Perfect predictions score the best value"
    try:
        value = scores.of_split("private", split.labels, answers, task, run).value
    except MetricFault as fault:
        return Check(name=name, passed=False, found=str(fault), expected=f"{best:g}")
    return Check(name=name, passed=abs(value - best) < 1e-6, found=f"{value:g}", expected=f"{best:g}")


def _chance(manifest: Manifest, split: LabelledSplit, answers: Predictions, name: str) -> Check:
    kind = KINDS[manifest.task.kind]
    prepared = kind.prepared(answers, manifest.task)
    return Check(name=name, **kind.chance(split.labels, prepared, manifest.task)._asdict())


def _random(manifest: Manifest, split: LabelledSplit) -> Check:
    answers = KINDS[manifest.task.kind].guess(split.labels, manifest.task, np.random.default_rng(_SEED))
    return _chance(manifest, split, answers, "Random predictions score about chance")


def _prints(inputs: Inputs) -> list[bytes]:
    return [hashlib.sha256(np.ascontiguousarray(example).tobytes()).digest() for example in inputs]


def _nothing_shared(known: Splits, hidden: Splits) -> Check:
    seen = {digest for split in known.values() for digest in _prints(split.inputs)}
    shared = [d for name in HIDDEN_SPLITS for d in _prints(hidden[name].inputs) if d in seen]
    name = "No hidden example is among the given ones"
    return Check(name=name, passed=not shared, found=f"{len(shared)} shared", expected="0 shared")


def _nothing_alike(manifest: Manifest, splits: Splits) -> list[Check]:
    """Whether images of two splits are nearly the same. Rows of a table may well be alike by chance."""
    if not isinstance(manifest.task.input, ImageInput):
        return []
    pair = likeness.closest(splits)
    return [
        Check(
            name="No two splits have nearly the same image",
            passed=pair.distance >= likeness.CLOSEST,
            found=f"{pair.first} and {pair.second} differ by {pair.distance:.1f} grey levels",
            expected=f"{likeness.CLOSEST:g} or more, as thumbnails of {likeness.THUMBNAIL} pixels",
        )
    ]


def _look_up(manifest: Manifest, known: Splits, private: LabelledSplit) -> Check:
    """The score of somebody who knows the given examples by heart and guesses the rest."""
    kind, task = KINDS[manifest.task.kind], manifest.task
    answers = kind.guess(private.labels, task, np.random.default_rng(_SEED + 1))
    memory = {
        digest: answer
        for split in known.values()
        for digest, answer in zip(_prints(split.inputs), kind.reference(split.labels, task), strict=True)
    }
    for row, digest in enumerate(_prints(private.inputs)):
        answers[row] = memory.get(digest, answers[row])
    return _chance(manifest, private, answers, "Knowing the given examples by heart is worth nothing")


def _no_labels_released(manifest: Manifest, given: Path, hidden: Splits) -> list[Check]:
    """Hidden inputs that teams get must come with ids alone, and with all of them."""
    released = given / "hidden_inputs.npz"
    if not manifest.data.release_hidden_inputs:
        name = "Hidden inputs are not released"
        files = sorted(path.name for path in given.glob("hidden*"))
        found = ", ".join(files) or "none"
        return [Check(name=name, passed=not files, found=found, expected="none")]
    with np.load(released, allow_pickle=False) as arrays:
        fields, ids = sorted(arrays.files), set(arrays["ids"].tolist())
    wanted = {name for split in HIDDEN_SPLITS for name in hidden[split].ids.tolist()}
    return [
        Check(
            name="Released hidden inputs come without labels",
            passed=fields == ["ids", "inputs"],
            found=", ".join(fields),
            expected="ids, inputs",
        ),
        Check(
            name="Released hidden inputs are complete",
            passed=ids == wanted,
            found=f"{len(ids & wanted)} of {len(wanted)} ids, {len(ids - wanted)} others",
            expected="each public and private id, no other",
        ),
    ]


def of_order(manifest: Manifest, results: list[BaselineResult]) -> list[Check]:
    """Whether a baseline was scored at all, and every weak one is below every strong one."""
    scored = Check(
        name="Baselines were scored",
        passed=bool(results),
        found=f"{len(results)} of {len(manifest.baselines)}",
        expected="at least one, on a worker that may run it",
    )
    strengths = {baseline.name: baseline.strength for baseline in manifest.baselines}
    weak = [_private(result) for result in results if strengths[result.name] == "weak"]
    strong = [_private(result) for result in results if strengths[result.name] == "strong"]
    if not weak or not strong:
        return [scored]
    higher = manifest.task.higher_is_better
    best: Callable[..., float] = max if higher else min
    worst: Callable[..., float] = min if higher else max
    ordered = best(weak) < worst(strong) if higher else best(weak) > worst(strong)
    found = f"weak at best {best(weak):.4f}, strong at worst {worst(strong):.4f}"
    name = "The weak baselines are below the strong ones"
    return [scored, Check(name=name, passed=ordered, found=found, expected="weak below strong")]


def of_look_up(look_up: float | None, results: list[BaselineResult]) -> list[Check]:
    """Whether honest work beats looking hidden examples up in public data, where the bundle names some."""
    if look_up is None or not results:
        return []
    honest = max(_accuracy(result) for result in results)
    return [
        Check(
            name="Looking hidden examples up in public data is worth less than a baseline",
            passed=look_up < honest,
            found=f"accuracy {look_up:.4f} by look-up",
            expected=f"below the best baseline's {honest:.4f}",
        )
    ]


def _accuracy(result: BaselineResult) -> float:
    return next(score.metrics["accuracy"] for score in result.scores if score.split == "private")


def _private(result: BaselineResult) -> float:
    return next(score.value for score in result.scores if score.split == "private")
