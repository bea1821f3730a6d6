"""Whether the examples that a bundle's builder makes are what its manifest says."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from challenges.faults import Fault
from challenges.manifest import GIVEN_SPLITS, HIDDEN_SPLITS, Manifest, Split
from challenges.splits import Examples, Inputs
from challenges.task import ImageInput, Task
from challenges.truth import truth_faults

SPLITS: dict[str, tuple[Split, ...]] = {"given": GIVEN_SPLITS, "hidden": HIDDEN_SPLITS}


def example_faults(manifest: Manifest, made: Mapping[str, Any]) -> list[Fault]:
    """Find every fault in what the builder's functions returned, given as `{function: result}`."""
    faults: list[Fault] = []
    for function, result in made.items():
        faults += _result_faults(manifest, function, result)
    if not faults and "hidden" in made:
        faults += _shared_faults(manifest, made)
    return faults


def _result_faults(manifest: Manifest, function: str, result: Any) -> Iterator[Fault]:
    file = manifest.data.builder
    if not isinstance(result, Mapping) or set(result) != set(SPLITS[function]):
        found = f"keys {sorted(result)}" if isinstance(result, Mapping) else type(result).__name__
        yield Fault(file=file, field=function, found=found, expected=f"a dict of {SPLITS[function]}")
        return
    for split, examples in result.items():
        size = getattr(manifest.data.sizes, split)
        for part, found, expected in _split_faults(manifest.task, split, size, examples):
            yield Fault(file=file, field=f"{function}()[{split!r}].{part}", found=found, expected=expected)


def _split_faults(task: Task, split: Split, size: int, examples: Any) -> Iterator[tuple[str, str, str]]:
    """Yield part, found and expected of each fault."""
    if not (isinstance(examples, Examples) and all(isinstance(array, np.ndarray) for array in examples)):
        yield "inputs", type(examples).__name__, "Examples of two arrays"
        return
    inputs, labels = examples
    dtype = np.dtype(np.uint8 if isinstance(task.input, ImageInput) else np.float32)
    shape = (size, *task.input.shape)
    if inputs.dtype != dtype or inputs.shape != shape:
        yield "inputs", f"{inputs.dtype} {list(inputs.shape)}", f"{dtype} {list(shape)}"
    elif not np.isfinite(inputs).all():
        yield "inputs", f"{int((~np.isfinite(inputs)).sum())} values that are not finite", "finite numbers"
    for found, expected in truth_faults(task, split, size, labels):
        yield "labels", found, expected


def _shared_faults(manifest: Manifest, made: Mapping[str, Mapping[str, Examples]]) -> Iterator[Fault]:
    given = set().union(*(_fingerprints(examples.inputs) for examples in made["given"].values()))
    for split, examples in made["hidden"].items():
        shared = len(given & _fingerprints(examples.inputs))
        if shared:
            yield Fault(
                file=manifest.data.builder,
                field=f"hidden()[{split!r}].inputs",
                found=f"{shared} examples that are also given to teams",
                expected="none",
            )


def _fingerprints(inputs: Inputs) -> set[bytes]:
    return {row.tobytes() for row in inputs}
