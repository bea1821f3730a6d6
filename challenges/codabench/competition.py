"""A Codabench competition bundle, version 2: what its `competition.yaml` says.

The format is that of https://docs.codabench.org/latest/Organizers/Benchmark_Creation/Yaml-Structure/.
"""

from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from challenges.faults import BundleError, Fault, from_validation, shown

NAMES = ("competition.yaml", "competition.yml")
LARGEST_YAML = 2**20
LARGEST_PAGE = 2**20


def _as_text(value: object) -> object:
    """YAML reads some texts as numbers or dates; a title may look like either."""
    return str(value) if isinstance(value, int | float | date | datetime) else value


Text = Annotated[str, BeforeValidator(_as_text)]


class Part(BaseModel):
    """A part of the document; fields that are not named here are kept, to be reported."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Page(Part):
    """A page of text: Markdown or HTML."""

    title: Text
    file: str


class Phase(Part):
    """A stretch of time with its own tasks."""

    name: Text
    start: Text
    end: Text | None = None
    tasks: list[int]
    description: Text | None = None
    max_submissions: int | None = None
    max_submissions_per_day: int | None = None
    execution_time_limit: int | None = None


class Task(Part):
    """Data and programs. One with a `key` lies in Codabench's database and not in the bundle."""

    index: int
    key: str | None = None
    name: Text = ""
    scoring_program: str | None = None
    ingestion_program: str | None = None
    input_data: str | None = None
    reference_data: str | None = None


class Column(Part):
    """A column of a leaderboard, which the scoring program fills by its key."""

    title: Text
    key: Text
    index: int = 0
    sorting: Literal["asc", "desc"] = "desc"
    computation: str | None = None


class Leaderboard(Part):
    """A table of scores."""

    title: Text
    key: Text = ""
    columns: list[Column] = Field(min_length=1)


class Competition(Part):
    """The whole document."""

    version: Literal[2, "2"]
    title: Text
    description: Text | None = None
    terms: str | None = None
    image: str | None = None
    pages: list[Page] = []
    phases: list[Phase] = Field(min_length=1)
    tasks: list[Task] = Field(min_length=1)
    solutions: list[dict[str, Any]] = []
    leaderboards: list[Leaderboard] = Field(min_length=1)


class Opened(NamedTuple):
    """A competition and the folder that its paths are in."""

    folder: Path
    competition: Competition


def opened(folder: Path) -> Opened:
    """Read and check a bundle's folder. Raises BundleError with every fault."""
    path = _document(folder)
    try:
        table = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path.name, "", " ".join(str(error).split()), "YAML in UTF-8") from error
    if not isinstance(table, dict):
        raise _refused(path.name, "", shown(table), "a mapping")
    try:
        competition = Competition.model_validate(table)
    except ValidationError as error:
        raise BundleError(from_validation(error, path.name)) from error
    faults = _reference_faults(path.parent, path.name, competition)
    if faults:
        raise BundleError(faults)
    return Opened(path.parent, competition)


def inside(folder: Path, name: str) -> Path | None:
    """The file or folder of that name, or None where there is none inside `folder`."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return None
    found = folder / path
    return found if found.exists() and found.resolve().is_relative_to(folder.resolve()) else None


def _document(folder: Path) -> Path:
    """The YAML file: in the folder, or in the only folder in it."""
    places = (
        [folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())] if folder.is_dir() else []
    )
    for place in places:
        for name in NAMES:
            path = place / name
            if path.is_file() and path.stat().st_size <= LARGEST_YAML:
                return path
    expected = f"a Codabench bundle with a {NAMES[0]} of at most {LARGEST_YAML:,} bytes"
    raise _refused(str(folder), "", "none", expected)


def _reference_faults(folder: Path, file: str, competition: Competition) -> list[Fault]:
    """Files and tasks that are named but not there."""
    named = [(f"pages[{n}].file", page.file) for n, page in enumerate(competition.pages)]
    for number, task in enumerate(competition.tasks):
        for kind in ("input_data", "reference_data", "scoring_program", "ingestion_program"):
            name = getattr(task, kind)
            named += [(f"tasks[{number}].{kind}", name)] if name and task.key is None else []
    faults = [
        Fault(file=file, field=field, found=f"{name!r}, which is not there", expected="a path in the bundle")
        for field, name in named
        if inside(folder, name) is None
    ]
    known = {task.index for task in competition.tasks}
    for number, phase in enumerate(competition.phases):
        for index in sorted(set(phase.tasks) - known):
            expected = f"one of {sorted(known)}, the indices of tasks"
            faults.append(
                Fault(file=file, field=f"phases[{number}].tasks", found=str(index), expected=expected)
            )
    return faults


def _refused(file: str, field: str, found: str, expected: str) -> BundleError:
    return BundleError([Fault(file=file, field=field, found=found, expected=expected)])
