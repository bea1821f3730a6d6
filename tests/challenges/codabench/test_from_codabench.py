"""What a Codabench competition becomes: as much as is sure, and an account of all the rest."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from challenges import bundle
from challenges.build import build
from challenges.cli import app

YAML = """
version: 2
title: Iris, once more
description: Tell three kinds of flowers apart.
image: logo.png
terms: pages/terms.md
docker_image: codalab/codalab-legacy:py37
pages:
  - title: Overview
    file: pages/overview.md
  - title: Evaluation
    file: pages/evaluation.html
  - title: Terms
    file: pages/terms.md
phases:
  - index: 0
    name: Development
    start: 2026-03-02 09:00:00
    end: 2026-03-04 17:00:00
    max_submissions_per_day: 5
    max_submissions: 40
    execution_time_limit: 300
    starting_kit: starting_kit
    tasks: [0]
  - index: 1
    name: Final
    start: 2026-03-04 17:00:00
    auto_migrate_to_this_phase: True
    tasks: [1]
tasks:
  - index: 0
    name: Development
    input_data: input_data.zip
    reference_data: reference_data
    scoring_program: scoring_program
  - index: 1
    key: 0b5c8a52-9df4-4f43-a4f3-3f3f50e3f0a1
    name: Final
solutions:
  - index: 0
    path: solution.zip
    tasks: [0]
leaderboards:
  - title: Results
    key: main
    columns:
      - {title: Time, key: duration, index: 2, sorting: asc}
      - {title: Balanced accuracy, key: bac_dev, index: 1, sorting: desc}
      - {title: Accuracy, key: accuracy, index: 0, sorting: asc}
      - {title: Mean, key: mean, index: 3, sorting: desc, computation: avg, computation_indexes: [0, 1]}
"""
ACCOUNT = "from-codabench.md"


def run(*arguments: object) -> tuple[int, str]:
    runner = CliRunner(env={"COLUMNS": "240", "NO_COLOR": "1"})
    result = runner.invoke(app, ["from-codabench", *map(str, arguments), "--licence", "CC BY 4.0"])
    return result.exit_code, result.output


def table_of(header: list[str], rows: list[list[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


@pytest.fixture
def competition(tmp_path: Path) -> Path:
    """A competition of two phases, whose first task has its data as two tables."""
    folder = tmp_path / "iris"
    for name in ("pages", "reference_data", "scoring_program", "starting_kit"):
        (folder / name).mkdir(parents=True)
    (folder / "competition.yaml").write_text(YAML)
    (folder / "pages" / "overview.md").write_text("# Welcome\n\nFlowers.\n\n```sh\n# no heading\n```\n")
    html = "<html><head><style>p {}</style></head><body><h1>How</h1><p>By <b>accuracy</b>.</p></body></html>"
    (folder / "pages" / "evaluation.html").write_text(html)
    (folder / "pages" / "terms.md").write_text("Be kind.")
    (folder / "scoring_program" / "score.py").write_text("raise SystemExit('never run')\n")
    rng = np.random.default_rng(3)
    flowers = [(number, rng.normal(number % 3, 0.5), rng.normal()) for number in range(300)]
    with zipfile.ZipFile(folder / "input_data.zip", "w") as archive:
        rows: list[list[object]] = [[number, f"{a:.5f}", f"{b:.5f}"] for number, a, b in flowers]
        archive.writestr("test.csv", table_of(["id", "petal", "sepal"], rows))
    answers: list[list[object]] = [
        [number, ("setosa", "versicolor", "virginica")[number % 3]] for number, _, _ in flowers
    ]
    (folder / "reference_data" / "truth.csv").write_text(table_of(["id", "species"], answers[::-1]))
    return folder


def account_of(target: Path) -> dict[str, tuple[str, str]]:
    """What became of each thing, and the words on it."""
    lines = (target / ACCOUNT).read_text().splitlines()[4:]
    cells = [line.strip("|").split(" | ") for line in lines]
    return {found.strip(): (fate, words.strip()) for found, fate, words in cells}


def test_plain_data_becomes_the_pool_of_a_bundle_that_can_be_built(competition: Path, tmp_path: Path) -> None:
    code, output = run(competition, tmp_path / "b")
    assert code == 0, output
    found = bundle.read(tmp_path / "b")
    assert (found.manifest.title, found.manifest.slug) == ("Iris, once more", "iris-once-more")
    assert found.manifest.task.classes == ["setosa", "versicolor", "virginica"]
    assert found.manifest.task.metric == "balanced_accuracy"
    assert sum(found.manifest.data.sizes.model_dump().values()) == 300
    assert build(tmp_path / "b", b"s" * 16, tmp_path / "built").hidden_set is not None


def test_pages_become_sections_and_keep_their_code(competition: Path, tmp_path: Path) -> None:
    run(competition, tmp_path / "b")
    statement = bundle.read(tmp_path / "b").statement
    assert "### Overview\n\n#### Welcome\n\nFlowers.\n\n```sh\n# no heading\n```" in statement
    assert "### Evaluation\n\nHow\n\nBy accuracy." in statement
    assert "Be kind" not in statement
    assert "p {}" not in statement


def test_the_account_says_of_everything_what_became_of_it(competition: Path, tmp_path: Path) -> None:
    code, output = run(competition, tmp_path / "b")
    assert code == 0
    account = account_of(tmp_path / "b")
    fates = {found: fate for found, (fate, _) in account.items()}
    assert fates == {
        "title": "carried over",
        "description": "carried over",
        "page 'Overview'": "carried over",
        "page 'Evaluation'": "carried over",
        "page 'Terms'": "not carried",
        "terms": "not carried",
        "phase 'Development'": "by hand",
        "phase 'Final'": "by hand",
        "2 phases": "not carried",
        "data of task 0": "carried over",
        "data of task 1": "by hand",
        "scoring program of task 0": "not carried",
        "solution 0": "by hand",
        "leaderboard column 'bac_dev'": "carried over",
        "leaderboard column 'accuracy'": "by hand",
        "leaderboard column 'duration'": "not carried",
        "leaderboard column 'mean'": "not carried",
        "image": "not carried",
        "docker_image": "not carried",
        "starting_kit of phase 'Development'": "by hand",
        "auto_migrate_to_this_phase of phase 'Final'": "not carried",
    }
    assert "quota_per_day = 5" in account["phase 'Development'"][1]
    assert "2026-03-02 09:00:00" in account["phase 'Development'"][1]
    assert "limits.wall_seconds = 300" in account["phase 'Development'"][1]
    assert "takes smaller values as better" not in account["leaderboard column 'bac_dev'"][1]
    assert "smaller values as better" in account["leaderboard column 'accuracy'"][1]
    assert all(found in output for found in fates)


def test_data_that_only_a_program_understands_is_not_carried_and_the_card_says_so(
    competition: Path, tmp_path: Path
) -> None:
    (competition / "reference_data" / "more.npy").write_bytes(b"x")
    code, output = run(competition, tmp_path / "b")
    assert code == 0, output
    assert account_of(tmp_path / "b")["data of task 0"][0] == "not carried"
    assert "holds 2 files; expected one CSV" in account_of(tmp_path / "b")["data of task 0"][1]
    assert "under a key" in account_of(tmp_path / "b")["data of task 1"][1]
    assert "Example data" in bundle.read(tmp_path / "b").manifest.data.sources[0].note
    assert bundle.check(tmp_path / "b") == []


def test_numbers_as_answers_are_a_regression_and_no_metric_is_made_up(
    competition: Path, tmp_path: Path
) -> None:
    rows: list[list[object]] = [[number, number / 7] for number in range(300)]
    (competition / "reference_data" / "truth.csv").write_text(table_of(["id", "height"], rows))
    assert run(competition, tmp_path / "b")[0] == 0
    task = bundle.read(tmp_path / "b").manifest.task
    assert (task.kind, task.metric) == ("regression", "r2")
    assert account_of(tmp_path / "b")["metric"][0] == "by hand"


def test_ids_that_do_not_match_are_not_joined(competition: Path, tmp_path: Path) -> None:
    rows: list[list[object]] = [[number + 1, "setosa"] for number in range(300)]
    (competition / "reference_data" / "truth.csv").write_text(table_of(["id", "species"], rows))
    run(competition, tmp_path / "b")
    assert "are not the same, each once" in account_of(tmp_path / "b")["data of task 0"][1]


def test_a_zip_is_read_like_its_folder(competition: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "iris.zip", "w") as archive:
        for path in competition.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(competition))
    assert run(tmp_path / "iris.zip", tmp_path / "zipped")[0] == 0
    assert run(competition, tmp_path / "plain")[0] == 0
    assert bundle.digest(tmp_path / "zipped") == bundle.digest(tmp_path / "plain")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version: 2", "version: 1.5", ("version", "1.5")),
        ("title: Iris, once more", "colour: blue", ("title", "nothing")),
        ("tasks: [1]", "tasks: [7]", ("phases[1].tasks", "7", "[0, 1]")),
        ("file: pages/overview.md", "file: ../secret.md", ("pages[0].file", "a path in the bundle")),
        ("sorting: asc}", "sorting: up}", ("leaderboards[0].columns[0].sorting", "'up'")),
        ("title: Iris", "title: [Iris", ("competition.yaml", "YAML in UTF-8")),
    ],
)
def test_a_document_that_is_not_right_is_refused_with_its_faults(
    competition: Path, tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    (competition.parent / "secret.md").write_text("secret")
    path = competition / "competition.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    code, output = run(competition, tmp_path / "b")
    assert code == 1
    for word in words:
        assert word in output
    assert not (tmp_path / "b").exists()


def test_what_is_no_competition_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, output = run(tmp_path / "empty", tmp_path / "b")
    assert code == 1
    assert "a Codabench bundle with a competition.yaml" in output
