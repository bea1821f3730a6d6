"""The data card: what was given, where it comes from, and how to load it."""

from challenges.manifest import Manifest
from challenges.tables import sample_name
from challenges.task import IGNORED, ImageInput, Kind, Task

LOADING = """```python
import numpy as np

train = np.load("train.npz", allow_pickle=False)
inputs, labels, ids = train["inputs"], train["labels"], train["ids"]
print(inputs.shape, inputs.dtype, labels[:5], ids[:5])
```"""


LABELS: dict[Kind, str] = {
    "classification": "`labels` are class indices.",
    "detection": (
        "`labels` are boxes, float32 [n, most, 6]: x0, y0, x1, y1 in pixels, class index, and 1 for a crowd, "
        "which is not scored; rows of class -1 fill up."
    ),
    "segmentation": f"`labels` are a class index a pixel, uint8; {IGNORED} is not scored.",
    "similarity": (
        "`labels` are int64 [n, 2]: the identity, and the role: 0 for the gallery, 1 for a query, 2 for both."
    ),
    "regression": "`labels` are numbers, float64.",
    "images": "`labels` are the images to be made of them, uint8 [n, channels, height, width].",
}
"""The ground truth of each kind of task, in words."""


def data_card(manifest: Manifest, *, released: bool) -> str:
    """Write the given folder's README.md. `released` says whether hidden inputs lie in the folder."""
    parts = [
        f"# {manifest.title}: the data",
        manifest.summary,
        "## What is here",
        "\n".join(_files(manifest, released)),
        "## An example",
        _shape(manifest.task),
        "## Load it",
        LOADING,
        *_classes(manifest.task),
        "## Sources and licences",
        "\n".join(_sources(manifest)),
        f"Challenge `{manifest.slug}`, version {manifest.version}.",
    ]
    return "\n\n".join(parts) + "\n"


def _files(manifest: Manifest, released: bool) -> list[str]:
    sizes = manifest.data.sizes
    table = not isinstance(manifest.task.input, ImageInput)
    also = ", and the same as `.csv`" if table else ""
    lines = [
        f"- `train.npz`: {sizes.train:,} labelled examples to learn from{also}",
        f"- `validation.npz`: {sizes.validation:,} labelled examples to judge yourself by{also}",
    ]
    if manifest.task.kind == "detection":
        lines.append("- `train_boxes.csv` and `validation_boxes.csv`: their boxes, a row each")
    if not table:
        lines.append("- `preview.png`: some of the training examples with their labels")
    if released:
        total = sizes.public + sizes.private
        lines.append(
            f"- `hidden_inputs.npz`: {total:,} examples without labels, on which you are scored{also}"
        )
        name = sample_name(manifest.task)
        lines.append(f"- `{name}`: a file of predictions of the right form, which knows nothing")
    else:
        lines.append(
            f"\nYou are scored on {sizes.public:,} public and {sizes.private:,} private examples more. "
            "They stay with us."
        )
    return lines


def _shape(task: Task) -> str:
    if isinstance(task.input, ImageInput):
        return (
            f"Stored as uint8 of shape {list(task.input.shape)}: channels, height, width. "
            f"A model receives float32 in 0..1 of the same shape, so divide by 255. {LABELS[task.kind]}"
        )
    count = len(task.input.features)
    return f"{count} numbers, float32, as stored and as a model receives them. {LABELS[task.kind]}"


def _classes(task: Task) -> list[str]:
    if not task.classes:
        return []
    return ["## Classes", "\n".join(f"{index}. `{name}`" for index, name in enumerate(task.classes))]


def _sources(manifest: Manifest) -> list[str]:
    return [f"- {source.name} ({source.licence}). {source.note}".rstrip() for source in manifest.data.sources]
