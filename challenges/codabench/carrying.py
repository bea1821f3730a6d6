"""What of a Codabench competition becomes what, and what does not: a bundle, and an honest account."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from challenges.authoring import draft, texts
from challenges.bundle import Bundle, BundleError
from challenges.codabench import data, metrics, pages
from challenges.codabench.competition import Competition, Opened, Phase
from challenges.codabench.competition import Task as CodabenchTask
from challenges.codabench.metrics import Candidate
from challenges.importers.collected import Collected
from challenges.importers.importing import POOL
from challenges.importers.partition import Partition, Shares, partition, write_pool
from challenges.importers.pictures import Progress
from challenges.importers.tables import Roles, collect
from challenges.manifest import Sizes, Source
from challenges.task import ImageInput, Kind, MetricName, Task

Fate = Literal["carried over", "by hand", "not carried"]
ACCOUNT = "from-codabench.md"
SEED = 1
EXAMPLE_SIZES = Sizes(train=300, validation=100, public=200, private=300)
EXAMPLE_INPUT = ImageInput(type="image", channels=3, height=32, width=32)
MOST_CLASSES = 50
"""Different answers, all whole numbers or words, that still count as classes."""
LONGEST_TITLE, LONGEST_SUMMARY = 80, 200
_NEVER = {
    "image": "a challenge has no logo",
    "docker_image": "a challenge brings no image: models run in Heldout's own sandbox",
    "queue": "workers are those of the platform",
    "fact_sheet": "a submission has a note, and no questionnaire",
    "reward": "say it in the event's own texts",
    "registration_auto_approve": "people come by invitation",
    "make_programs_available": "the engine is open to everybody",
    "make_input_data_available": "hidden inputs are given only with data.release_hidden_inputs",
    "enable_detailed_results": "insight on the validation split is built in",
}


class Line(NamedTuple):
    """One thing in the competition, and what became of it."""

    found: str
    fate: Fate
    words: str


class Carried(NamedTuple):
    """The bundle that was written, and the account of it."""

    bundle: Bundle
    account: list[Line]


class Pooled(NamedTuple):
    """Data that could be read, and its splits."""

    collected: Collected
    partition: Partition


def carry(found: Opened, target: Path, licence: str, progress: Progress) -> Carried:
    """Write a bundle with all that can be carried over. Raises BundleError where none can be written."""
    competition = found.competition
    suggested = metrics.candidates(competition)
    pooled, about_data = _data(found, progress)
    metric, about_metric = _metric(suggested, pooled.collected.kind if pooled else None)
    made = _draft(found, metric, pooled, licence)
    account = [
        *_about_words(competition),
        *_about_phases(competition),
        *about_data,
        *_about_programs(competition),
        *about_metric,
        *_about_columns(competition),
        *_about_settings(competition),
    ]

    def fill(folder: Path) -> None:
        (folder / ACCOUNT).write_text(as_markdown(competition.title, account), "utf-8")
        if pooled is not None:
            write_pool(pooled.collected, pooled.partition, SEED, folder / POOL, progress)

    builder = "imported.py" if pooled is not None else "example.py"
    return Carried(draft.write(made, target, builder, fill), account)


def as_markdown(title: str, account: list[Line]) -> str:
    """The account as a table."""
    rows = "\n".join(f"| {_cell(line.found)} | {line.fate} | {_cell(line.words)} |" for line in account)
    return f"# {title}: from Codabench\n\n| found | what became of it | |\n| --- | --- | --- |\n{rows}\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _draft(
    found: Opened, metric: tuple[Kind, MetricName], pooled: Pooled | None, licence: str
) -> draft.Draft:
    competition, kind = found.competition, metric[0]
    title = competition.title[:LONGEST_TITLE]
    example = [] if kind in ("similarity", "regression") else ["first", "second"]
    task = Task(
        kind=kind,
        metric=metric[1],
        classes=pooled.collected.classes if pooled else example,
        input=pooled.collected.input if pooled else EXAMPLE_INPUT,
    )
    note = (
        "" if pooled else "Example data, drawn from a seed: the competition's own could not be carried over."
    )
    made = draft.Draft(
        title=title,
        summary=" ".join((competition.description or title).split())[:LONGEST_SUMMARY],
        task=task,
        sizes=pooled.partition.sizes if pooled else EXAMPLE_SIZES,
        source=Source(name=f"Codabench: {title}", licence=licence, note=note),
        seed=SEED,
    )
    statement = pages.with_pages(texts.statement(task, made), found.folder, competition)
    return draft.Draft(**{**vars(made), "statement": statement})


def _data(found: Opened, progress: Progress) -> tuple[Pooled | None, list[Line]]:
    """The data of the first task that is laid out plainly; a line a task."""
    lines: list[Line] = []
    pooled: Pooled | None = None
    for task in found.competition.tasks:
        name = f"data of task {task.index}"
        if pooled is not None:
            lines.append(Line(name, "by hand", "a challenge has one pool, and another task's was taken"))
            continue
        try:
            pooled, answer = _pooled(found, task, progress)
        except (data.NotPlain, BundleError) as why:
            words = f"{why}. Read it in data.py, or with `heldout bundle import`"
            lines.append(Line(name, "not carried", words))
            continue
        words = (
            f"{len(pooled.collected.labels):,} examples with answers {answer!r} are the pool of all splits. "
            "A part of what was hidden is therefore given to teams; take the old test labels as known"
        )
        lines.append(Line(name, "carried over", words))
    return pooled, lines


def _pooled(found: Opened, task: CodabenchTask, progress: Progress) -> tuple[Pooled, str]:
    """A task's examples and their splits, and the column of answers. Raises NotPlain, or BundleError."""
    table, key, answer = data.joined(found, task)
    is_class = _are_classes([str(value) for value in table.columns[answer]])
    roles = Roles(id=key, label=answer if is_class else "", value="" if is_class else answer)
    collected = collect(table, roles, progress)
    return Pooled(collected, partition(collected, Shares(), SEED, progress)), answer


def _are_classes(answers: list[str]) -> bool:
    """Whether answers are few different words or whole numbers."""
    different = set(answers)
    if len(different) > MOST_CLASSES:
        return False
    try:
        return all(float(answer).is_integer() for answer in different)
    except (ValueError, OverflowError):
        return True


def _metric(suggested: list[Candidate], kind: Kind | None) -> tuple[tuple[Kind, MetricName], list[Line]]:
    """The first candidate that agrees, and fits the kind of the data where there is some."""
    fitting = [c for c in suggested if c.agrees and kind in (None, c.kind)]
    chosen = fitting[0] if fitting else None
    lines = [_about_candidate(candidate, candidate is chosen) for candidate in suggested]
    if chosen is not None:
        return (chosen.kind, chosen.metric), lines
    usual: Kind = kind or "classification"
    words = f"no column names a metric of ours that fits; {draft.DEFAULT_METRIC[usual]} stands in for it"
    return (usual, draft.DEFAULT_METRIC[usual]), [*lines, Line("metric", "by hand", words)]


def _about_candidate(candidate: Candidate, chosen: bool) -> Line:
    found = f"leaderboard column {candidate.column.key!r}"
    if not candidate.agrees:
        order = "smaller" if candidate.column.sorting == "asc" else "larger"
        words = f"sounds like {candidate.metric}, but takes {order} values as better, which is not so there"
        return Line(found, "by hand", words)
    if chosen:
        words = f"taken as {candidate.metric} by its name; see that the scoring program computes just that"
        return Line(found, "carried over", words)
    return Line(
        found, "by hand", f"sounds like {candidate.metric}; a challenge has one metric, or several weighed"
    )


def _about_words(competition: Competition) -> Iterator[Line]:
    whole = len(competition.title) <= LONGEST_TITLE
    cut = "" if whole else f", cut to {LONGEST_TITLE} characters"
    yield Line("title", "carried over", f"the title{cut}")
    if competition.description:
        yield Line("description", "carried over", f"the summary, at most {LONGEST_SUMMARY} characters of it")
    for page in competition.pages:
        section = pages.section_of(page.title)
        if not section:
            yield Line(f"page {page.title!r}", "not carried", "rules belong to the event, not to a challenge")
            continue
        html = page.file.lower().endswith((".html", ".htm"))
        lost = "; of HTML the words alone, without pictures, links and layout" if html else ""
        yield Line(f"page {page.title!r}", "carried over", f"in the statement's section {section!r}{lost}")
    if competition.terms:
        yield Line("terms", "not carried", "they belong to the event, not to a challenge")


def _about_phases(competition: Competition) -> Iterator[Line]:
    for phase in competition.phases:
        words = f"open it {phase.start} and close it {phase.end or 'with the event'} in the control room"
        yield Line(f"phase {phase.name!r}", "by hand", words + _limits(phase))
    if len(competition.phases) > 1:
        words = "a challenge has one phase: public scores meanwhile, private ones at the end"
        yield Line(f"{len(competition.phases)} phases", "not carried", words)


def _limits(phase: Phase) -> str:
    words = ""
    if phase.max_submissions_per_day:
        words += f"; quota_per_day = {phase.max_submissions_per_day}"
    if phase.max_submissions:
        words += f"; at most {phase.max_submissions} in all, which there is no setting for"
    if phase.execution_time_limit:
        words += f"; limits.wall_seconds = {phase.execution_time_limit}"
    return words


def _about_programs(competition: Competition) -> Iterator[Line]:
    for task in competition.tasks:
        if task.scoring_program:
            words = "never run here: take a metric of ours, or write `score(truth, predictions)` in metric.py"
            yield Line(f"scoring program of task {task.index}", "not carried", words)
        if task.ingestion_program:
            words = "Heldout runs submitted models itself, by the contract of their format"
            yield Line(f"ingestion program of task {task.index}", "not carried", words)
    for number, _ in enumerate(competition.solutions):
        words = "write it as a baseline: a script that trains and writes a model"
        yield Line(f"solution {number}", "by hand", words)


def _about_columns(competition: Competition) -> Iterator[Line]:
    """The columns that sound like no metric of ours."""
    named = {candidate.column.key for candidate in metrics.candidates(competition)}
    for column in (column for board in competition.leaderboards for column in board.columns):
        found = f"leaderboard column {column.key!r}"
        if column.computation is not None:
            words = f"{column.computation} of other columns; metric = 'weighed' can stand for an average"
            yield Line(found, "not carried", words)
        elif column.key not in named:
            words = "no metric of ours has such a name; the board shows cost and time by itself"
            yield Line(found, "not carried", words)


def _about_settings(competition: Competition) -> Iterator[Line]:
    """Everything that a challenge has no word for."""
    image = {"image": competition.image} if competition.image else {}
    for name in {**image, **(competition.model_extra or {})}:
        yield Line(name, "not carried", _NEVER.get(name, "a challenge has no such setting"))
    for phase in competition.phases:
        for name in phase.model_extra or {}:
            found = f"{name} of phase {phase.name!r}"
            if name in ("starting_kit", "public_data"):
                yield Line(found, "by hand", "put what teams need into starter/, or into the data")
            elif name != "index":
                yield Line(found, "not carried", "a challenge has no such setting")
