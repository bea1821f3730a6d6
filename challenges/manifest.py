"""The words of a `challenge.toml`, as types. What a bundle means is decided here and nowhere else."""

from typing import Literal

from pydantic import Field, model_validator

from challenges.task import Model, Task

Format = Literal["onnx", "sklearn", "torch", "code", "predictions", "dataset"]
Split = Literal["train", "validation", "public", "private"]

GIVEN_SPLITS: tuple[Split, ...] = ("train", "validation")
HIDDEN_SPLITS: tuple[Split, ...] = ("public", "private")
COUNTED_FORMATS: tuple[Format, ...] = ("onnx", "torch")
"""Formats whose files tell what the model costs, so that a budget can be kept."""
IMAGE_FORMATS: tuple[Format, ...] = ("onnx", "torch", "code")
"""Formats that can answer with an image."""


class Budget(Model):
    """What a model may cost at most; see `scoring.cost`. A model over it is refused before it runs."""

    macs: int | None = Field(default=None, ge=1)
    """Multiply-accumulates for one example."""
    parameters: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def limits_something(self) -> "Budget":
        """A budget names what it limits."""
        if self.macs is None and self.parameters is None:
            raise ValueError("a budget of nothing; expected macs, parameters or both")
        return self


class Limits(Model):
    """What one scoring run may use."""

    wall_seconds: float = Field(default=60, gt=0, le=3600)
    memory_mb: int = Field(default=2048, ge=128, le=65536)
    artefact_mb: int = Field(default=64, ge=1, le=1024)
    threads: int = Field(default=1, ge=1, le=64)
    accelerator: Literal["none", "preferred", "required"] = "none"
    """Whether a run may or must have a GPU."""
    budget: Budget | None = None


class Sizes(Model):
    """Examples in each split."""

    train: int = Field(ge=1)
    validation: int = Field(ge=1)
    public: int = Field(ge=20)
    private: int = Field(ge=20)


class Source(Model):
    """Where the data comes from, for the data card."""

    name: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    note: str = ""


class Data(Model):
    """How the splits are made. `builder` is a Python file of the bundle with `given` and `hidden`."""

    builder: str = "data.py"
    seed: int = Field(ge=0)
    sizes: Sizes
    release_hidden_inputs: bool = False
    sources: list[Source] = Field(min_length=1)


class Baseline(Model):
    """A reference model that the bundle brings: trained by `script`, shown on the board as a line."""

    name: str = Field(min_length=1)
    strength: Literal["weak", "strong"]
    script: str
    artefact: str
    format: Format
    score: float
    tolerance: float = Field(gt=0)


class Criterion(Model):
    """One thing that a team must show to pass, besides the pass score.

    Automatic: `metric` of the public split is `at_least` or `at_most` a number; with `each_class`, that
    score of every class is. Evidence: a coach sees it and ticks it. `challenges.criteria` checks which
    fields go together.
    """

    text: str = Field(min_length=1, max_length=200)
    metric: str | None = None
    each_class: bool = False
    at_least: float | None = None
    at_most: float | None = None
    evidence: bool = False


class Manifest(Model):
    """The whole of a `challenge.toml`."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)
    title: str = Field(min_length=1, max_length=80)
    summary: str = Field(min_length=1, max_length=200)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    statement: str = "statement.md"
    starter: str = "starter"
    hints: str = "hints.md"
    """Hints that a coach may open for a team, one a second-level heading. The file may be missing."""
    coach: str = "coach.md"
    """The coach's guide, with a solution. The file may be missing."""
    formats: list[Format] = Field(min_length=1)
    pass_score: float
    criteria: list[Criterion] = []
    quota_per_day: int = Field(default=10, ge=1)
    task: Task
    data: Data
    limits: Limits = Limits()
    baselines: list[Baseline] = Field(min_length=1)

    @model_validator(mode="after")
    def predictions_need_inputs(self) -> "Manifest":
        """A team cannot predict what it cannot see."""
        if "predictions" in self.formats and not self.data.release_hidden_inputs:
            raise ValueError(
                "formats names 'predictions', but data.release_hidden_inputs is false; "
                "expected true, since a team can only predict on inputs that it is given"
            )
        return self

    @model_validator(mode="after")
    def datasets_need_training(self) -> "Manifest":
        """Data can only be scored by what is trained on it, and then nothing else is asked for."""
        if ("dataset" in self.formats) != (self.task.training is not None):
            raise ValueError("format 'dataset' and task.training belong together; expected both or neither")
        return self

    @model_validator(mode="after")
    def budgets_need_counts(self) -> "Manifest":
        """A budget cannot be kept where the cost cannot be told."""
        unknown = [name for name in self.formats if name not in COUNTED_FORMATS]
        if self.limits.budget is not None and unknown:
            raise ValueError(
                f"formats names {', '.join(map(repr, unknown))}, of which nobody can tell the cost that "
                f"limits.budget bounds; expected {' or '.join(map(repr, COUNTED_FORMATS))} alone"
            )
        return self
