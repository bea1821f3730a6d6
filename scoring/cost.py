"""What a model costs: what its file says, and what was measured while it ran."""

from scoring.formats.exam import Answers, Inspection
from scoring.job import Cost


def of_file(size: int, inspection: Inspection) -> Cost:
    """The cost that is known without running the model. `size` is in bytes."""
    return Cost(artefact_bytes=size, parameters=inspection.parameters, macs=inspection.macs)


def of_run(size: int, answers: Answers) -> Cost:
    """The whole cost. Times are the wall clock of this machine: to inform, not to rank by."""
    measured = answers.predict_seconds > 0
    each = 1000 * answers.predict_seconds / answers.examples if measured else None
    known = of_file(size, answers.inspection)
    return known.model_copy(
        update={"milliseconds_per_example": each, "peak_memory_bytes": answers.peak_memory_bytes}
    )
