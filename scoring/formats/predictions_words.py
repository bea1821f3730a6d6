"""What is expected of a file of predictions, and how to mend it, by the kind of task."""

from challenges.task import Kind, Task
from scoring.job import VerdictCode
from scoring.sandbox.inside.tables import MOST_ROWS
from scoring.sandbox.work import printable
from scoring.verdicts import EXPECTED, FIXES, Rejected


def columns(task: Task) -> str:
    """The columns of a table of predictions."""
    named = ",".join(f"p_{name}" for name in task.classes[:3]) + (",…" if len(task.classes) > 3 else "")
    words: dict[Kind, str] = {
        "classification": f"id,label or id,{named}",
        "detection": "id,class,score,x0,y0,x1,y1, with a row a box in pixels",
        "similarity": f"id,e_0,e_1,…, with at most {task.embedding_size} numbers",
        "regression": "id,value",
    }
    return words[task.kind]


def arrays(task: Task) -> str:
    """The arrays of a file of predictions."""
    height, width = task.output_shape if task.kind == "segmentation" else (0, 0)
    classes = len(task.classes)
    words: dict[Kind, str] = {
        "classification": f"[n, {classes}] of scores, or [n] of class indices from 0",
        "detection": "[n, boxes, 6] of x0, y0, x1, y1, score and class index from 0; zeros fill up",
        "segmentation": (
            f"[n, {height}, {width}] of class indices from 0, as uint8, "
            f"or [n, {classes}, {height}, {width}] of scores"
        ),
        "similarity": f"[n, 1 to {task.embedding_size}] of embeddings",
        "regression": "[n] of numbers",
    }
    return f"ids [n] and predictions {words[task.kind]}"


def form(task: Task) -> str:
    """All that may be handed in."""
    whole = f"an npz with {arrays(task)}"
    return whole if task.kind == "segmentation" else f"a CSV with the header {columns(task)}, or {whole}"


def _expected(code: VerdictCode, task: Task, examples: int) -> str:
    texts: dict[VerdictCode, str] = {
        "too_large": f"at most {MOST_ROWS:,} rows, and no more than the memory limit when it is unpacked",
        "unsafe_file": "arrays of numbers and texts alone",
        "not_finite": "a finite number everywhere",
        "missing_ids": f"a prediction for each of {examples:,} examples",
        "unknown_ids": "ids of this challenge, in its current version",
        "duplicate_ids": "each id once",
        "unknown_class": f"one of {', '.join(task.classes[:10])}",
        "timeout": EXPECTED["timeout"],
        "out_of_memory": EXPECTED["out_of_memory"],
    }
    return texts.get(code, form(task))


_IDS = "take the ids from the file of inputs that the challenge gives, each exactly once"
_NPZ = "numpy.savez_compressed('predictions.npz', ids=ids, predictions=predictions)"
_FIXES: dict[VerdictCode, str] = {
    "unreadable": (
        "write a CSV with csv.writer or pandas.to_csv(index=False), in UTF-8 with commas between columns, "
        f"or {_NPZ}"
    ),
    "unsafe_file": f"give all rows the same length, so that they make one array of numbers, and write {_NPZ}",
    "too_large": "give one row for each example that the challenge asks for, as float32 and not float64",
    "bad_type": "write numbers with a decimal point and nothing else in the columns and arrays of numbers",
    "not_finite": FIXES["not_finite"],
    "missing_ids": _IDS,
    "unknown_ids": _IDS,
    "duplicate_ids": _IDS,
    "unknown_class": (
        "write the names of classes as the challenge spells them; in arrays, write their indices from 0"
    ),
    "timeout": "write the same predictions as an npz of float32, which is the fastest to read",
    "out_of_memory": "write the same predictions as an npz of float32, or hand in fewer digits as CSV",
    "crashed": f"write the file anew with {_NPZ}",
}
_SHAPES: dict[Kind, str] = {
    "classification": "name one column for each class, in any order, exactly as in classes of the challenge",
    "detection": "write one row for each box, and for an image without boxes a row with its id alone",
    "segmentation": f"write {_NPZ}, with a mask for each id",
    "similarity": "number the columns from e_0 on, as many for each id",
    "regression": "write one number for each id",
}
_CERTAIN = (
    "give a probability for each class that sums to 1 in each row, or logits; log loss punishes a wrong "
    "certainty without bound"
)


def _fix(code: VerdictCode, task: Task) -> str:
    if code == "bad_shape" or (code == "bad_type" and task.kind == "segmentation"):
        return _SHAPES[task.kind]
    if code == "bad_type" and needs_probabilities(task):
        return _CERTAIN
    if code == "missing_ids" and task.kind == "detection":
        return f"{_IDS}; an image without boxes has a row with its id alone"
    return _FIXES.get(code, _FIXES["unreadable"])


def needs_probabilities(task: Task) -> bool:
    """Whether how certain a prediction is counts, and not only what it names."""
    return "log_loss" in (task.metric, *task.weights)


def rejected(code: VerdictCode, found: str, task: Task, examples: int = 0, excerpt: str = "") -> Rejected:
    """The verdict on a file of predictions."""
    return Rejected(code, printable(found), _expected(code, task, examples), _fix(code, task), excerpt)
