"""The first words of a new bundle: a statement with all its headings, and how a team begins."""

from typing import Protocol

from challenges.manifest import Sizes, Source
from challenges.outputs import expected_output
from challenges.statement import HEADINGS
from challenges.task import METRIC_LABELS, Task


class Words(Protocol):
    """What the texts are made of."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def sizes(self) -> Sizes: ...
    @property
    def source(self) -> Source: ...
    @property
    def pass_score(self) -> float: ...


TASKS = {
    "classification": "Say for each example which of {classes} classes it belongs to.",
    "detection": "Find every object of {classes} classes in each image: its box, its class and a score.",
    "segmentation": "Say for each pixel which of {classes} classes it shows.",
    "similarity": "Describe each example by an embedding: those of the same thing lie close together.",
    "regression": "Predict a number for each example.",
}
HINTS = {
    "classification": "How often is each class in the training data? What does knowing only that score?",
    "detection": "Draw the boxes of ten training images. How large are they, and where do they lie?",
    "segmentation": "What share of the pixels has each class? What does a model score that knows only that?",
    "similarity": "Look up the nearest neighbours of a few validation examples. Why are the wrong ones near?",
    "regression": "What does a model score that always predicts the mean of the training data?",
}


def statement(task: Task, words: Words) -> str:
    """Write a brief with every heading, in the order that the checker wants."""
    sizes, metric = words.sizes, METRIC_LABELS[task.metric]
    order = "higher" if task.higher_is_better else "lower"
    doing = TASKS[task.kind].format(classes=len(task.classes))
    parts = {
        "Background": words.summary,
        "Your task": f"{doing}\n\nA model gives {expected_output(task)}.",
        "Data": (
            f"You are given {sizes.train:,} labelled examples to learn from and {sizes.validation:,} to "
            f"judge yourself by. You are scored on {sizes.public:,} public and {sizes.private:,} private "
            f"examples that you never see. Its source: {words.source.name} ({words.source.licence})."
        ),
        "Success criteria": (
            f"- You reach {metric} of {words.pass_score:g} on the public examples ({order} is better).\n"
            "- You can show your coach three examples that your model gets wrong, and say why."
        ),
        "Hints": f"- {HINTS[task.kind]}\n- Change one thing at a time, and rehearse before you spend a try.",
        "References": "- [ONNX: the format of the models](https://onnx.ai/)",
    }
    return "\n\n".join(f"## {heading}\n\n{parts[heading]}" for heading in HEADINGS) + "\n"


def starter(title: str, task: Task) -> str:
    """Say how a team begins."""
    return f"""# Starter: {title}

1. Download the data of the challenge and unpack it, say into `given/`.
2. `pip install numpy onnx onnxruntime` and the library that you like to train with.
3. Load the training data:

```python
import numpy as np

train = np.load("given/train.npz", allow_pickle=False)
inputs, labels = train["inputs"], train["labels"]
print(inputs.shape, inputs.dtype, labels.shape)
```

4. Train, judge yourself on `given/validation.npz`, and export your model to ONNX. It has one input, float32
   of shape {["n", *task.input.shape]}, and gives {expected_output(task)}.
5. Hand it in as a rehearsal first: that costs no try.
"""
