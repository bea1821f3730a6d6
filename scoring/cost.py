"""What a model costs: what its file says, and what was measured while it ran."""

from challenges.manifest import ImageInput, Task
from scoring.formats.exam import Answers, Inspection
from scoring.job import Cost


def of_file(size: int, inspection: Inspection, task: Task) -> Cost:
    """The cost that is known without running the model. `size` is in bytes."""
    image = task.input if isinstance(task.input, ImageInput) else None
    return Cost(
        artefact_bytes=size,
        parameters=inspection.parameters,
        macs=inspection.macs,
        resolution=[image.height, image.width] if image else None,
    )


def of_run(size: int, answers: Answers, task: Task) -> Cost:
    """The whole cost. Times are the wall clock of this machine: to inform, not to rank by."""
    measured = answers.predict_seconds > 0
    each = 1000 * answers.predict_seconds / answers.examples if measured else None
    found = {"milliseconds_per_example": each, "peak_memory_bytes": answers.peak_memory_bytes}
    if answers.timing is not None:
        alone, reference = answers.timing
        found |= {"milliseconds_alone": 1000 * alone, "relative_latency": alone / reference}
    return of_file(size, answers.inspection, task).model_copy(update=found)
