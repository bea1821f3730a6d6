"""What a run teaches its team: the part of an evaluation that a submission's page shows.

`scoring.job` has all messages, these among them.
"""

from pydantic import Field

from challenges.manifest import Split
from scoring.message import Message

LONGEST_NAME = 80
LONGEST_KIND = 40


class ClassScore(Message):
    """The score of one class: recall, precision and F1, AP, or IoU and Dice. None where too few count."""

    name: str
    count: int
    scores: dict[str, float | None]


class Slice(Message):
    """The mean outcome of a part of the examples, as of the darkest third of the images."""

    name: str
    count: int
    value: float


class Neighbour(Message):
    """What a query found: an item of the gallery, and whether it is of the query's identity."""

    id: str
    name: str
    likeness: float
    right: bool
    picture: str = ""


class Case(Message):
    """One example worth looking at. Pictures are base64 of small PNGs.

    `truth_layer` and `predicted_layer` are see-through pictures to be laid over `picture`: boxes, or the
    borders of masks. `row` is the example's place in the stored split, by which `Outcomes` are kept.
    """

    id: str
    truth: str
    predicted: str
    confidence: float | None = None
    value: float | None = None
    picture: str = ""
    row: int | None = None
    truth_layer: str = ""
    predicted_layer: str = ""
    notes: list[str] = []
    """What is seen in the picture, in words: a line for a box, a class, or a number that is out of line."""
    neighbours: list[Neighbour] = []
    """What a query found first, the nearest first."""
    true_rank: int | None = None
    """At which place of the gallery, from 1, a query finds its own identity first."""


class Part(Message):
    """What a part of a model costs for one example: a layer, or all layers of a kind. `count`: how many.

    What cannot be told before the model runs is None.
    """

    name: str = Field(max_length=LONGEST_NAME)
    kind: str = Field(max_length=LONGEST_KIND)
    count: int = Field(ge=1, lt=2**63)
    macs: int | None = Field(ge=0, lt=2**63)
    parameters: int = Field(ge=0, lt=2**63)


class AtSize(Message):
    """What a model would cost for images of another size."""

    height: int = Field(ge=1, lt=2**31)
    width: int = Field(ge=1, lt=2**31)
    macs: int = Field(ge=0, lt=2**63)


class Breakdown(Message):
    """Where in a model its cost lies: by kinds of layers, and the layers that cost most in their order.

    `sizes` is the cost at other resolutions, where the model takes them. All of it is read in a box, in a
    file of whoever handed it in, so it is short, and its names are to be shown as text.
    """

    kinds: list[Part] = Field(default=[], max_length=16)
    layers: list[Part] = Field(default=[], max_length=16)
    sizes: list[AtSize] = Field(default=[], max_length=8)


class ClassChange(Message):
    """How many training examples of a class there were, and are left to be trained on."""

    name: str
    given: int
    left: int


class Change(Message):
    """A training example that a team changed: its given label, and its new one, empty if it was dropped."""

    id: str
    given: str
    new: str
    picture: str = ""


class Changes(Message):
    """What a team's file does to the training data of a data challenge.

    Whether a change was right is not told: true labels of training examples are nowhere near a run.
    """

    kept: int
    dropped: int
    relabelled: int
    classes: list[ClassChange] = []
    pairs: list[tuple[str, str, int]] = []
    """The commonest relabellings: given label, new label, how often."""
    examples: list[Change] = []


class Insight(Message):
    """What a team can learn from its mistakes on the validation split, small enough for a page.

    `confusion` counts true classes (rows) by predicted classes (columns). `mistakes` begins with the
    worst: the most confident wrong answers, or the examples of the lowest outcome; `further` goes on, to be
    compared with another submission's. `suspects` are examples whose given label
    is probably wrong. `hidden` has, for each hidden split, the scores of the classes that enough examples
    have: aggregates alone. `breakdown` is of the model itself, `changes` of a data challenge's file.
    """

    confusion: list[list[int]] = []
    classes: list[ClassScore] = []
    slices: list[Slice] = []
    mistakes: list[Case] = []
    further: list[Case] = []
    suspects: list[Case] = []
    hidden: dict[Split, list[ClassScore]] = {}
    breakdown: Breakdown | None = None
    changes: Changes | None = None
