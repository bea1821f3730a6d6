"""The words of a `challenge.toml`, as types. What a bundle means is decided here and nowhere else."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["classification"]
Format = Literal["onnx", "sklearn", "predictions"]
Split = Literal["train", "validation", "public", "private"]
MetricName = Literal["accuracy", "balanced_accuracy", "macro_f1", "log_loss"]

GIVEN_SPLITS: tuple[Split, ...] = ("train", "validation")
HIDDEN_SPLITS: tuple[Split, ...] = ("public", "private")
HIGHER_IS_BETTER: dict[MetricName, bool] = {
    "accuracy": True,
    "balanced_accuracy": True,
    "macro_f1": True,
    "log_loss": False,
}


class Model(BaseModel):
    """A strict, immutable record: an unknown field in a bundle is a fault, not a surprise."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageInput(Model):
    """Images, stored as uint8 NCHW; a model receives float32 in 0..1, [n, channels, height, width]."""

    type: Literal["image"]
    channels: Literal[1, 3]
    height: int = Field(ge=1, le=1024)
    width: int = Field(ge=1, le=1024)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example as a model receives it."""
        return (self.channels, self.height, self.width)


class TableInput(Model):
    """Rows of numbers, float32; a model receives [n, len(features)]."""

    type: Literal["table"]
    features: list[str] = Field(min_length=1)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example as a model receives it."""
        return (len(self.features),)


InputSpec = Annotated[ImageInput | TableInput, Field(discriminator="type")]


class Task(Model):
    """What a model is asked to do: all that the engine needs to know in order to score it."""

    kind: Kind
    classes: list[str] = Field(min_length=2)
    metric: MetricName
    input: InputSpec

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value of the task's metric is the better one."""
        return HIGHER_IS_BETTER[self.metric]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the prediction for one example: a score a class."""
        return (len(self.classes),)


class Limits(Model):
    """What one scoring run may use."""

    wall_seconds: float = Field(default=60, gt=0, le=3600)
    memory_mb: int = Field(default=2048, ge=128, le=65536)
    artefact_mb: int = Field(default=64, ge=1, le=1024)
    threads: int = Field(default=1, ge=1, le=64)


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


class Manifest(Model):
    """The whole of a `challenge.toml`."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)
    title: str = Field(min_length=1, max_length=80)
    summary: str = Field(min_length=1, max_length=200)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    statement: str = "statement.md"
    starter: str = "starter"
    formats: list[Format] = Field(min_length=1)
    pass_score: float
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
