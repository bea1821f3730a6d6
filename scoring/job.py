"""The messages between the site and its workers, and the names of the queues that carry them.

Everything is JSON through `model_dump_json()` / `model_validate_json()`. A field that is added
needs a default; a field that changes its meaning needs a new `MESSAGE_VERSION`.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from challenges.manifest import Format, Limits, Split
from challenges.task import Task
from scoring.learned import Insight
from scoring.message import Message

MESSAGE_VERSION = 1

INSPECT_QUEUE = "scoring.inspect"
CPU_QUEUE = "scoring.cpu"
GPU_QUEUE = "scoring.gpu"
PREPARE_QUEUE = "scoring.prepare"
SITE_QUEUE = "site"

INSPECT_TASK = "scoring.inspect"
SCORE_TASK = "scoring.score"
PREPARE_TASK = "scoring.prepare"

RECORD_PASSPORT_TASK = "site.record_passport"
RECORD_EVALUATION_TASK = "site.record_evaluation"
RECORD_PROGRESS_TASK = "site.record_progress"
RECORD_PREPARATION_TASK = "site.record_preparation"
RECORD_PREPARING_TASK = "site.record_preparing"
RECORD_WORKER_TASK = "site.record_worker"

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a blob, lower-case hexadecimal."""

Stage = Literal["preparing", "predicting", "scoring"]
Fault = Literal["submission", "platform"]

VerdictCode = Literal[
    "unknown_format",
    "format_not_accepted",
    "too_large",
    "unreadable",
    "unsafe_file",
    "wrong_input",
    "bad_shape",
    "bad_type",
    "not_finite",
    "missing_ids",
    "unknown_ids",
    "duplicate_ids",
    "unknown_class",
    "over_budget",
    "timeout",
    "out_of_memory",
    "too_much_output",
    "crashed",
    "platform_fault",
]

VERDICT_TITLES: dict[VerdictCode, str] = {
    "unknown_format": "We could not tell what kind of file this is",
    "format_not_accepted": "This challenge does not take this format",
    "too_large": "The file is too large",
    "unreadable": "The file could not be read",
    "unsafe_file": "The file holds something that we do not load",
    "wrong_input": "The model expects other inputs than the challenge gives",
    "bad_shape": "The predictions have the wrong shape",
    "bad_type": "The predictions have the wrong type",
    "not_finite": "Some predictions are not finite numbers",
    "missing_ids": "Some examples have no prediction",
    "unknown_ids": "Some predictions are for examples that do not exist",
    "duplicate_ids": "Some examples are predicted more than once",
    "unknown_class": "Some predictions name a class that does not exist",
    "over_budget": "It breaks the budget or another rule of the challenge",
    "timeout": "The run took too long",
    "out_of_memory": "The run used too much memory",
    "too_much_output": "The run sent more than its predictions",
    "crashed": "The model failed while it ran",
    "platform_fault": "Something of ours broke",
}


class Verdict(Message):
    """Why a submission was not scored: what was found, what was expected, whose fault, what to do."""

    code: VerdictCode
    found: str
    expected: str
    fix: str
    excerpt: str = ""

    @property
    def fault(self) -> Fault:
        """Whose fault it was; the platform's costs nobody a try."""
        return "platform" if self.code == "platform_fault" else "submission"

    @property
    def title(self) -> str:
        """One short line for a person."""
        return VERDICT_TITLES[self.code]


class Cost(Message):
    """What a model costs. `None` where a format cannot tell."""

    artefact_bytes: int
    parameters: int | None = None
    macs: int | None = None
    milliseconds_per_example: float | None = None
    """In batches of the size that the platform runs."""
    milliseconds_alone: float | None = None
    """One example at a time."""
    relative_latency: float | None = None
    """`milliseconds_alone` as a multiple of what the reference model takes in the same box."""
    peak_memory_bytes: int | None = None
    resolution: list[int] | None = None
    """Height and width of an image as the model receives it, pixels."""


class InspectJob(Message):
    """Ask a worker what an artefact is, without running it."""

    version: Literal[1] = 1
    attempt: UUID
    artefact: Digest
    file_name: str
    formats: list[Format]
    task: Task
    limits: Limits


class Fact(Message):
    """One line of a passport: a name and its value, both for a person to read."""

    name: str
    value: str


class Passport(Message):
    """What inspection says of an artefact. It fits the challenge exactly when there is no verdict."""

    version: Literal[1] = 1
    attempt: UUID
    format: Format | None
    facts: list[Fact] = []
    cost: Cost | None = None
    verdict: Verdict | None = None
    seconds: float


class ScoreJob(Message):
    """Ask a worker to score an artefact on the hidden splits of a challenge."""

    version: Literal[1] = 1
    attempt: UUID
    artefact: Digest
    format: Format
    hidden_set: Digest
    bundle: Digest
    task: Task
    limits: Limits
    seed: int
    rehearsal: bool = False
    """Run on the validation split alone, and keep the whole log."""


class SplitScore(Message):
    """The metrics of one split. `value` is the challenge's metric, `low` to `high` its 95 % interval.

    A metric that is not defined on the split, as AP of small objects where there are none, is missing.
    """

    split: Split
    value: float
    low: float
    high: float
    count: int
    metrics: dict[str, float]


class Outcomes(Message):
    """What became of each example of a split, in the order of the stored split.

    Each field is base64 of zlib of `count` little-endian numbers, or empty. `values`: float32, how well
    an example was answered, higher is better, NaN where it is not scored: 1 or 0 for a right or wrong
    class, F1 at IoU 0.50 of an image's boxes, mean IoU of an image, average precision at R of a query,
    minus the absolute error of a number, 1 or 0 for an image made. Classification has also `predicted`,
    int32 class indices, and `confidence`, float32 probabilities of these.
    """

    split: Split
    count: int
    values: str = ""
    predicted: str = ""
    confidence: str = ""


class Evaluation(Message):
    """What an attempt yields: scores and cost, or a verdict."""

    version: Literal[1] = 1
    attempt: UUID
    artefact: Digest
    bundle: Digest
    engine: str
    worker: str
    scores: list[SplitScore] = []
    outcomes: list[Outcomes] = []
    cost: Cost | None = None
    insight: Insight | None = None
    verdict: Verdict | None = None
    log_excerpt: str = ""
    """The last words of the run; the whole bounded log of a rehearsal."""
    stages: dict[str, float] = {}
    """Seconds by stage: queue, sandbox, load, predict, timing, metric, insight."""


class Progress(Message):
    """A sign of life from a running attempt; it renews the attempt's lease."""

    version: Literal[1] = 1
    attempt: UUID
    worker: str
    stage: Stage
    fraction: float = Field(ge=0, le=1)


class PrepareJob(Message):
    """Ask a worker to build a challenge's splits and to run its self-test.

    `secret` is the event's own seed as hexadecimal: hidden splits are made from it.
    """

    version: Literal[1] = 1
    preparation: UUID
    bundle: Digest
    secret: str


class Preparing(Message):
    """A sign of life from a worker that prepares a challenge, sent every few seconds."""

    version: Literal[1] = 1
    preparation: UUID
    worker: str


class Check(Message):
    """One line of a self-test."""

    name: str
    passed: bool
    found: str
    expected: str


class BaselineResult(Message):
    """A baseline as it was really trained and scored."""

    name: str
    format: Format
    artefact: Digest
    file_name: str
    scores: list[SplitScore]
    cost: Cost


class PreparationReport(Message):
    """The outcome of a self-test. The challenge may open exactly when every check passed.

    `given` is the blob that teams download; `hidden_set` is only for workers.
    """

    version: Literal[1] = 1
    preparation: UUID
    bundle: Digest
    hidden_set: Digest | None = None
    given: Digest | None = None
    checks: list[Check]
    baselines: list[BaselineResult] = []
    verdict: Verdict | None = None

    @property
    def green(self) -> bool:
        """Whether a challenge with this report may open."""
        return self.verdict is None and bool(self.checks) and all(c.passed for c in self.checks)


class WorkerSeen(Message):
    """A worker's heartbeat, sent every few seconds whether or not it has work."""

    version: Literal[1] = 1
    worker: str
    queues: list[str]
    formats: list[Format]
    """The formats it accepts: untrusted ones are missing where the sandbox cannot be enforced."""
    running: UUID | None = None


class AgainJob(Message):
    """Ask `scoring.again` to score a file anew; what it is, is found out again."""

    artefact: Digest
    hidden_set: Digest
    bundle: Digest
    formats: list[Format]
    task: Task
    limits: Limits


class AgainAnswer(Message):
    """What a file yields when it is scored anew: scores with the public split's outcomes, or a verdict."""

    artefact: Digest
    hidden_set: Digest
    format: Format | None = None
    scores: list[SplitScore] = []
    outcomes: list[Outcomes] = []
    verdict: Verdict | None = None
