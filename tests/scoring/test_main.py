"""`python -m scoring`: the platform's numbers at home."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from challenges.build import given_folder
from challenges.splits import read_split
from tests.scoring.bundles import spoil, write_bundle
from tests.scoring.models import identity, pickled
from tests.scoring.sandbox.test_selftest import REFUSE_NAMESPACES


@pytest.fixture
def challenge(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def score(challenge: Path, model: Path, *more: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "scoring", str(model), "--challenge", str(challenge), *more]
    environment = {**os.environ, "XDG_CACHE_HOME": str(challenge.parent / "cache"), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_model_is_scored_on_validation_at_full_precision(challenge: Path, tmp_path: Path) -> None:
    given = given_folder(challenge, tmp_path / "cache" / "heldout" / "given")
    train, validation = read_split(given, "train"), read_split(given, "validation")
    model = LogisticRegression().fit(train.inputs, train.labels)
    skops.io.dump(model, tmp_path / "model.skops")
    done = score(challenge, tmp_path / "model.skops", "--json")
    assert done.returncode == 0, done.stderr
    evaluation = json.loads(done.stdout)
    assert [s["split"] for s in evaluation["scores"]] == ["validation"]
    wanted = model.score(validation.inputs, validation.labels)
    assert evaluation["scores"][0]["value"] == wanted
    plain = score(challenge, tmp_path / "model.skops", "--split", "train")
    assert "train: Accuracy 0." in plain.stdout
    assert "95 % interval" in plain.stdout


def test_a_misfit_is_explained_and_ends_with_an_error(challenge: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(identity().SerializeToString())
    done = score(challenge, tmp_path / "model.onnx")
    assert done.returncode == 2
    assert "does not take this format" in done.stderr
    assert all(word in done.stderr for word in ("found:", "expected:", "fix:"))


def test_an_unknown_split_is_named(challenge: Path, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"x")
    done = score(challenge, tmp_path / "model", "--split", "private")
    assert done.returncode == 2
    assert "private" in done.stderr


def test_data_that_cannot_be_made_is_one_sentence(challenge: Path, tmp_path: Path) -> None:
    spoil(challenge, "data.py", "import numpy as np", "import numpy as np\nfrom challenges import sources")
    spoil(
        challenge,
        "data.py",
        "def given(seed, sizes):",
        "def given(seed, sizes):\n    sources.fashion_mnist()",
    )
    (tmp_path / "model.csv").write_text("id,label\na,low\n")
    done = score(challenge, tmp_path / "model.csv", HELDOUT_DATA=str(tmp_path / "nothing"))
    assert done.returncode == 2
    assert "python -m challenges.sources fetch" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_without_namespaces_says_so_and_runs_no_model(challenge: Path, tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(pickled(f"open({str(tmp_path / 'ran')!r}, 'w')"))
    arguments = [str(tmp_path / "model.skops"), "--challenge", str(challenge)]
    program = (
        REFUSE_NAMESPACES
        + f"""
import sys
from scoring.__main__ import app
sys.argv[1:] = {arguments!r}
app()
"""
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot run a model safely" in done.stderr
    assert "To mend it" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_the_heldout_command_knows_built_in_challenges_by_name(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing that anybody knows")
    command = [str(Path(sys.executable).parent / "heldout"), "score", str(tmp_path / "model.onnx")]
    named = subprocess.run([*command, "-c", "first-steps"], capture_output=True, text=True, check=False)
    assert named.returncode == 2 and "We could not tell what kind of file this is" in named.stderr
    chosen = {**os.environ, "HELDOUT_CHALLENGE": "first-steps"}
    assert (
        subprocess.run(command, env=chosen, capture_output=True, text=True, check=False).stderr
        == named.stderr
    )
    unknown = subprocess.run([*command, "-c", "last-steps"], capture_output=True, text=True, check=False)
    assert unknown.returncode == 2 and "last-steps" in unknown.stderr


def test_the_heldout_command_scores_for_the_challenge_that_was_chosen(
    challenge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `heldout use`; its variable and the option come first."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "model.onnx").write_bytes(b"nothing that anybody knows")
    heldout = str(Path(sys.executable).parent / "heldout")

    def score_here(*more: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        command, environment = [heldout, "score", "model.onnx", *more], {**os.environ, **variables}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    missing = score_here()
    assert missing.returncode == 2 and "--challenge" in missing.stderr
    (tmp_path / "heldout.toml").write_text('event = "demo"\nchallenge = "last-steps"\n')
    assert "last-steps" in score_here().stderr
    known = "We could not tell what kind of file this is"
    assert known in score_here(HELDOUT_CHALLENGE="first-steps").stderr
    assert known in score_here("--challenge", str(challenge)).stderr
    (tmp_path / "heldout.toml").write_text('event = "demo"\nchallenge = "first-steps"\n')
    assert known in score_here().stderr
    (tmp_path / "heldout.toml").write_text("event = ")
    damaged = score_here()
    assert damaged.returncode == 2 and "cannot be read" in damaged.stderr
