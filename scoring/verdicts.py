"""The words of a refusal: what was found, what was expected, and what to do."""

from challenges.manifest import Limits
from challenges.outputs import expected_output
from challenges.task import Kind, Task
from scoring.job import Verdict, VerdictCode
from scoring.sandbox.work import Ended

_LONGEST_FOUND = 2000
"""Characters: names out of a hostile file can be as long as the file."""


class Rejected(Exception):
    """The submission is at fault; `verdict` explains it. Every other exception is ours."""

    def __init__(self, code: VerdictCode, found: str, expected: str, fix: str, excerpt: str = "") -> None:
        super().__init__(f"{code}: {found}")
        found = found if len(found) <= _LONGEST_FOUND else f"{found[: _LONGEST_FOUND - 1]}…"
        self.verdict = Verdict(code=code, found=found, expected=expected, fix=fix, excerpt=excerpt)


PLATFORM_FAULT = Verdict(
    code="platform_fault",
    found="an error of ours while this was scored",
    expected="no error",
    fix="nothing: the attempt is made again by itself, and it costs no try",
)

EXPECTED: dict[VerdictCode, str] = {
    "unknown_format": (
        "an ONNX model, a PyTorch program, a scikit-learn model (skops, pickle, joblib), a zip of code with "
        "model.py, a file of predictions (CSV, Parquet, npz, npy) or a CSV of data, as the challenge says"
    ),
    "unreadable": "a complete file that this platform's libraries can load",
    "unsafe_file": "a file that holds only a model of scikit-learn's own types",
    "wrong_input": "a model that takes the inputs of the challenge, a batch at a time",
    "bad_shape": "{output}",
    "bad_type": "{output}",
    "not_finite": "finite numbers only",
    "unknown_class": "classes of this challenge: {names}, or their indices from 0",
    "missing_ids": "an answer for each example that is asked for",
    "unknown_ids": "ids of this challenge, in its current version",
    "duplicate_ids": "each id once",
    "over_budget": "what keeps to the rules of the challenge",
    "too_large": "a file that is read, unpacked and run within the limits of the challenge",
    "timeout": "an end within {wall:g} seconds on {threads} thread(s)",
    "out_of_memory": "at most {memory} MB",
    "too_much_output": "exactly one prediction for each example",
    "crashed": "a run that ends with a prediction for each example",
}

FIXES: dict[VerdictCode, str] = {
    "unknown_format": "export your model to ONNX, as with torch.onnx.export(model, example, 'model.onnx')",
    "unreadable": (
        "load the file yourself first, with the versions of the starter kit; "
        "upload it again in case it was cut off, or export with an older opset"
    ),
    "unsafe_file": "save a plain fitted estimator with skops.io.dump, or convert it to ONNX with skl2onnx",
    "bad_shape": (
        "let the last layer give what is expected, keep the first dimension for the batch, "
        "and export with a dynamic batch (dynamic_axes or dynamic_shapes)"
    ),
    "bad_type": (
        "cast the output to float32; with skl2onnx, convert with options={'zipmap': False}, "
        "so that probabilities are a tensor and not a list of dictionaries"
    ),
    "not_finite": "look for a division by zero, log(0) or an overflow; run the model on the validation split",
    "unknown_class": "fit on the class names or on their indices, counted from 0 and not from 1",
    "wrong_input": "build the first layer for an example as the challenge's page describes it",
    "missing_ids": "take the ids from the files that the challenge gives, each exactly once",
    "unknown_ids": "take the ids from the files that the challenge gives, each exactly once",
    "duplicate_ids": "take the ids from the files that the challenge gives, each exactly once",
    "over_budget": "read the rules of the challenge, and change or choose fewer examples",
    "too_large": "hand in what is needed for predicting alone, with float32 and not float64",
    "timeout": "make the model smaller, or the inputs; `python -m scoring` measures it with the same limits",
    "out_of_memory": "make the model or its intermediate results smaller; `python -m scoring` shows the peak",
    "too_much_output": "return the scores alone, one row for each example of the batch",
    "crashed": (
        "run `python -m scoring MODEL --challenge DIR` at home: the same engine shows the same error; "
        "if it speaks of a reshape, a batch size was baked in: export with a dynamic batch"
    ),
}


BAD_SHAPES: dict[Kind, str] = {
    "classification": "let the last layer give one number for each class",
    "detection": (
        "put decoding and non-maximum suppression into the model, and join boxes, score and class along the "
        "last dimension"
    ),
    "segmentation": "resize the model's output to the size of the input, within the model",
    "similarity": "pool the features of an example to one vector",
    "regression": "let the last layer give one number",
    "images": "give channels first, then height and width, one image for each example",
}


def _fix(code: VerdictCode, task: Task) -> str:
    if code == "bad_shape":
        batch = "keep the first dimension for the batch, and export with a dynamic batch (dynamic_axes or"
        return f"{BAD_SHAPES[task.kind]}; {batch} dynamic_shapes)"
    return FIXES.get(code, FIXES["crashed"])


def explained(ended: Ended, task: Task, limits: Limits) -> Rejected:
    """The verdict of a run that gave no predictions."""
    # A box can be made to say any code, also one for which no loader of ours has words.
    expected = EXPECTED.get(ended.code, EXPECTED["crashed"]).format(
        output=expected_output(task),
        names=", ".join(task.classes[:10]),
        wall=limits.wall_seconds,
        threads=limits.threads,
        memory=limits.memory_mb,
    )
    return Rejected(ended.code, ended.found, expected, _fix(ended.code, task), ended.excerpt)


def check_size(size: int, limits: Limits) -> None:
    """Raise `Rejected` for an artefact over its limit, or an empty one."""
    if size > limits.artefact_mb * 2**20:
        fix = "prune or quantise the model, or drop training state that was saved with it"
        raise Rejected("too_large", f"{size / 2**20:.1f} MB", f"at most {limits.artefact_mb} MB", fix)
    if size == 0:
        raise Rejected("unreadable", "an empty file", EXPECTED["unreadable"], "upload the file again")


def not_accepted(found: str, accepted: list[str]) -> Rejected:
    """The verdict for a format that the challenge doesn't take."""
    fix = f"hand in {' or '.join(accepted)}; the challenge's page says how"
    return Rejected("format_not_accepted", found, " or ".join(accepted), fix)


def no_sandbox(format_: str) -> Rejected:
    """The verdict of a worker that may not run models; ours, so it costs no try."""
    found = f"a worker that cannot enforce the sandbox was asked for {format_}"
    fix = "nothing on your side: the organizers have to mend or replace the worker (`heldout doctor`)"
    return Rejected("platform_fault", found, "a worker with a sandbox", fix)


def no_accelerator() -> Rejected:
    """The verdict of a worker without a GPU for a challenge that requires one; ours, so it costs no try."""
    fix = "nothing on your side: the organizers have to start a worker with a GPU (`heldout doctor`)"
    return Rejected("platform_fault", "a worker without a GPU", "a worker with a GPU", fix)
