"""`heldout bundle new`: a sound bundle from a few answers, and nothing but a message from bad ones."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from challenges import bundle
from challenges.build import build
from challenges.cli import app

KINDS = ("classification", "detection", "segmentation", "similarity", "regression")


def run(*arguments: object, typed: str = "") -> tuple[int, str]:
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
    result = runner.invoke(app, ["new", *map(str, arguments)], input=typed)
    return result.exit_code, result.output


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_question_a_bundle_of_each_kind_can_be_written_and_built(kind: str, tmp_path: Path) -> None:
    sizes = ("--sizes", "40,20,24,24")
    code, output = run(tmp_path / "b", "--kind", kind, "--size", "12x10", *sizes, "--defaults")
    assert code == 0, output
    assert bundle.check(tmp_path / "b") == []
    assert build(tmp_path / "b", b"s" * 16, tmp_path / "built").hidden_set is not None


@pytest.mark.parametrize("kind", ["classification", "similarity", "regression"])
def test_tables_are_inputs_too(kind: str, tmp_path: Path) -> None:
    options = (
        "--kind",
        kind,
        "--input",
        "table",
        "--features",
        "a,b",
        "--sizes",
        "40,20,24,24",
        "--defaults",
    )
    code, output = run(tmp_path / "b", *options)
    assert code == 0, output
    build(tmp_path / "b", b"s" * 16, tmp_path / "built")


def test_what_is_not_said_is_asked_and_a_strange_answer_asked_again(tmp_path: Path) -> None:
    answers = ["a guess", "classification", "Boots, told apart", "table", "length,width", "left,right"]
    answers += ["balanced_accuracy", "Say which boot it is.", "The depot", "CC BY 4.0", "60,20,30,40", "0.8"]
    code, output = run(tmp_path / "b", typed="\n".join(answers) + "\n")
    assert code == 0, output
    assert "'a guess' is none of them." in output
    manifest = bundle.read(tmp_path / "b").manifest
    assert (manifest.slug, manifest.task.metric, manifest.pass_score) == (
        "boots-told-apart",
        "balanced_accuracy",
        0.8,
    )
    assert manifest.task.classes == ["left", "right"]
    assert (manifest.data.sources[0].licence, manifest.data.sizes.private) == ("CC BY 4.0", 40)


def test_words_with_quotes_and_line_breaks_stay_words(tmp_path: Path) -> None:
    summary = 'Say "hat",\nor \\ "boot"\x7f.'
    assert run(tmp_path / "b", "--summary", summary, "--defaults")[0] == 0
    assert bundle.read(tmp_path / "b").manifest.summary == summary


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    code, output = run(tmp_path / "b", "--defaults")
    assert (code, list((tmp_path / "b").iterdir())) == (1, [])
    assert "is there already" in output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--kind", "guessing"), ("'guessing'", "one of classification")),
        (("--kind", "regression", "--metric", "accuracy"), ("'accuracy'", "one of rmse")),
        (("--kind", "detection", "--input", "table"), ("'table'", "one of image")),
        (("--classes", "one"), ("classes has 1", "at least 2")),
        (("--sizes", "1,2,3"), ("--sizes", "four whole numbers")),
        (("--sizes", "40,20,5,24"), ("data.sizes.public", "a number of at least 20")),
        (("--size", "9"), ("--size", "HEIGHTxWIDTH")),
        (("--pass-score", "high"), ("--pass-score", "a number")),
        (("--pass-score", "7"), ("pass_score", "from 0 to 1")),
    ],
)
def test_a_bad_answer_is_a_fault_and_leaves_nothing_behind(
    options: tuple[str, ...], words: tuple[str, ...], tmp_path: Path
) -> None:
    code, output = run(tmp_path / "b", *options, "--defaults")
    assert code == 1
    for word in words:
        assert word in output
    assert list(tmp_path.iterdir()) == []
