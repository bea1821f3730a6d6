"""`heldout bundle self-test`: the worker's dress rehearsal on a laptop."""

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from challenges.cli import app
from scoring import adopting
from scoring.job import BaselineResult, Cost, SplitScore

RUNNER = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})


def run(*arguments: object) -> tuple[int, str]:
    result = RUNNER.invoke(app, [str(part) for part in arguments])
    return result.exit_code, result.output


def test_a_new_bundle_is_green_once_its_baseline_was_measured(tmp_path: Path) -> None:
    options = ("--kind", "regression", "--input", "table", "--sizes", "60,20,40,60", "--defaults")
    assert run("new", tmp_path / "b", *options)[0] == 0
    code, output = run("self-test", tmp_path / "b", "--adopt")
    assert code == 0, output
    assert "Green:" in output
    assert "Baseline 'Linear model' scores as promised" in output
    baseline = tomllib.loads((tmp_path / "b" / "challenge.toml").read_text())["baselines"][0]
    assert baseline["score"] > 0.8
    assert baseline["tolerance"] < 0.2
    assert "Not measured yet" not in (tmp_path / "b" / "challenge.toml").read_text()


def test_a_bundle_with_faults_is_not_rehearsed(tmp_path: Path) -> None:
    assert run("new", tmp_path / "b", "--defaults")[0] == 0
    (tmp_path / "b" / "data.py").write_text("given = 1\n")
    code, output = run("self-test", tmp_path / "b")
    assert code == 1
    assert "no such function" in output


def result(name: str, value: float) -> BaselineResult:
    score = SplitScore(split="private", metrics={}, value=value, low=value - 0.03, high=value + 0.03, count=9)
    cost = Cost(artefact_bytes=1)
    return BaselineResult(
        name=name, format="onnx", artefact="0" * 64, file_name="m", scores=[score], cost=cost
    )


def test_measured_scores_go_to_their_baselines_and_nothing_else_changes(tmp_path: Path) -> None:
    assert run("new", tmp_path / "b", "--defaults")[0] == 0
    path = tmp_path / "b" / "challenge.toml"
    first = path.read_text()
    head, _, table = first.partition("[[baselines]]")
    second = table.replace("Linear model", "Another").replace("linear.onnx", "another.onnx")
    path.write_text(f"{head}[[baselines]]{second}# ours\n\n[[baselines]]{table}")
    adopting.adopt(tmp_path / "b", [result("Linear model", 0.71234)])
    text = path.read_text()
    assert text.startswith(f"{head}[[baselines]]{second}# ours\n")
    last = tomllib.loads(text)["baselines"][1]
    assert (last["score"], last["tolerance"]) == (0.7123, 0.06)


def test_a_manifest_that_is_laid_out_otherwise_is_left_as_it_was(tmp_path: Path) -> None:
    assert run("new", tmp_path / "b", "--defaults")[0] == 0
    path = tmp_path / "b" / "challenge.toml"
    head, _, table = path.read_text().partition("[[baselines]]")
    inline = ", ".join(line for line in table.splitlines() if " = " in line)
    text = head.replace("[task]", f"baselines = [{{ {inline} }}]\n[task]", 1)
    path.write_text(text)
    with pytest.raises(ValueError, match="lines of their own"):
        adopting.adopt(tmp_path / "b", [result("Linear model", 0.7)])
    assert path.read_text() == text
