"""What a model costs: what its file says, and what was measured while it ran."""

from challenges.manifest import Limits
from challenges.task import ImageInput, Task
from scoring.formats.exam import Answers, Inspection
from scoring.job import Cost
from scoring.verdicts import Rejected

FIXES = {
    "multiply-accumulates": (
        "shrink the image at the model's start, as with average pooling: half the side is a quarter of the "
        "products; or take fewer channels, fewer layers, or a stride early on"
    ),
    "parameters": (
        "pool over all places before the last layers, which hold most of the parameters; or take fewer "
        "channels"
    ),
}
_UNKNOWN_FIX = (
    "export with the challenge's own shape, from a trace, without loops, branches and recurrent layers: "
    "what they do is only known when the model runs"
)


def of_file(size: int, inspection: Inspection, task: Task) -> Cost:
    """The cost that is known without running the model. `size` is in bytes."""
    image = task.input if isinstance(task.input, ImageInput) else None
    return Cost(
        artefact_bytes=size,
        parameters=inspection.parameters,
        macs=inspection.macs,
        resolution=[image.height, image.width] if image else None,
    )


def check_budget(inspection: Inspection, limits: Limits) -> None:
    """Raise `Rejected` for a model over the challenge's budget, or of which the cost cannot be told."""
    if limits.budget is None:
        return
    _check_cost("multiply-accumulates", inspection.macs, limits.budget.macs)
    _check_cost("parameters", inspection.parameters, limits.budget.parameters)


def _check_cost(what: str, found: int | None, most: int | None) -> None:
    if most is None or (found is not None and found <= most):
        return
    each = " for one example" if what == "multiply-accumulates" else ""
    expected = f"at most {most:,} {what}{each}: the challenge's budget"
    if found is None:
        raise Rejected("over_budget", f"{what} that cannot be counted before it runs", expected, _UNKNOWN_FIX)
    raise Rejected("over_budget", f"{found:,} {what}{each}", expected, FIXES[what])


def of_run(size: int, answers: Answers, task: Task) -> Cost:
    """The whole cost. Times are the wall clock of this machine: to inform, not to rank by."""
    measured = answers.predict_seconds > 0
    each = 1000 * answers.predict_seconds / answers.examples if measured else None
    found = {"milliseconds_per_example": each, "peak_memory_bytes": answers.peak_memory_bytes}
    if answers.timing is not None:
        alone, reference = answers.timing
        found |= {"milliseconds_alone": 1000 * alone, "relative_latency": alone / reference}
    return of_file(size, answers.inspection, task).model_copy(update=found)
