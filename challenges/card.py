"""The data card: what was given, where it comes from, and how to load it."""

from challenges.manifest import ImageInput, Manifest, Task

LOADING = """```python
import numpy as np

train = np.load("train.npz", allow_pickle=False)
inputs, labels, ids = train["inputs"], train["labels"], train["ids"]
print(inputs.shape, inputs.dtype, labels[:5], ids[:5])
```"""


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
        "## Classes",
        "\n".join(f"{index}. `{name}`" for index, name in enumerate(manifest.task.classes)),
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
    if not table:
        lines.append("- `preview.png`: some examples of each class")
    if released:
        total = sizes.public + sizes.private
        lines.append(
            f"- `hidden_inputs.npz`: {total:,} examples without labels, on which you are scored{also}"
        )
        lines.append(
            "- `sample_predictions.csv`: a prediction file of the right form, with one class for all"
        )
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
            "A model receives float32 in 0..1 of the same shape, so divide by 255. "
            "`labels` are class indices."
        )
    count = len(task.input.features)
    return f"{count} numbers, float32, as stored and as a model receives them. `labels` are class indices."


def _sources(manifest: Manifest) -> list[str]:
    return [f"- {source.name} ({source.licence}). {source.note}".rstrip() for source in manifest.data.sources]
