"""Handing in, and what a person is told of what becomes of it."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from heldout.submissions.models import Submission
from heldout_client import account
from heldout_client.account import Account
from tests.client.conftest import Scene, document, heldout, worker
from tests.client.unsteady import Fault, Way, unsteady
from tests.heldout.factories import make_team
from tests.heldout.handing_in import scored, verdict

HELDOUT = Path(sys.executable).parent / "heldout"


@pytest.fixture
def model(home: Path) -> Path:
    """A file in the folder of whoever hands in."""
    Path("model.onnx").write_bytes(b"weights")
    return Path("model.onnx")


@pytest.fixture
def way(scene: Scene) -> Iterator[Way]:
    """The account reaches the site by a way that fails as it is told to."""
    with unsteady(scene.address) as found:
        account.keep(Account(found.address, scene.token))
        yield found


def test_a_submission_is_waited_for_and_told_with_interval_and_rank(scene: Scene, model: Path) -> None:
    scored(scene.challenge, make_team(scene.challenge.event, "Strong"), 0.99)
    with worker(scene.challenge, 0.9):
        done = heldout("submit", "model.onnx", "--note", "wider")
    assert done.exit_code == 0, done.stderr
    assert "Submission 1: 0.90 on the public split (95 % interval 0.88 to 0.92)" in done.stdout
    assert "Rank 2 of 2" in done.stdout
    assert "It passes the challenge." in done.stdout
    found = Submission.objects.get(team=scene.team)
    assert (found.note, found.author, found.rehearsal) == ("wider", scene.person, False)


def test_who_shares_the_rank_is_named(scene: Scene, model: Path) -> None:
    scored(scene.challenge, make_team(scene.challenge.event, "Equals"), 0.9)
    with worker(scene.challenge, 0.9):
        done = heldout("submit", "model.onnx")
    assert "Rank 1 of 2, tied with Equals: not significantly different" in done.stdout


def test_a_rehearsal_costs_no_try_and_has_no_rank(scene: Scene, model: Path) -> None:
    with worker(scene.challenge, 0.7):
        done = heldout("rehearse", "model.onnx")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Rehearsal 1: 0.70 on the validation split")
    assert "Rank" not in done.stdout
    assert document("submissions")["tries_left"] == 5


def test_what_is_rejected_says_what_was_found_and_ends_with_one(scene: Scene, model: Path) -> None:
    with worker(scene.challenge, refusal=verdict()):
        done = heldout("submit", "model.onnx")
    assert done.exit_code == 1
    for words in (
        "Submission 1 was not scored: The predictions have the wrong shape.",
        "found:    [n, 3]",
        "expected: [n, 2]",
        "fix:      Give a score a class.",
    ):
        assert words in done.stdout


def test_as_json_the_outcome_is_one_document(scene: Scene, model: Path) -> None:
    with worker(scene.challenge):
        told = document("submit", "model.onnx")
    assert (told["state"], told["scores"]["public"]["value"]) == ("scored", 0.9)
    assert told["standing"]["rank"] == 1 and told["standing"]["tied_with"] == []


def test_whoever_does_not_wait_gets_the_id_and_may_wait_later(scene: Scene, model: Path) -> None:
    told = document("submit", "model.onnx", "--no-wait")
    assert told["state"] == "queued"
    with worker(scene.challenge):
        done = heldout("wait", told["id"])
    assert done.stdout.startswith("Submission 1: 0.90")
    assert heldout("wait", "1").stdout == done.stdout


def test_waiting_has_an_end_with_a_code_of_its_own(scene: Scene, model: Path) -> None:
    done = heldout("submit", "model.onnx", "--timeout", "0.5")
    assert done.exit_code == 5
    assert f"`heldout wait {Submission.objects.get().pk} --event {scene.event}` waits again" in done.stderr


def test_ctrl_c_ends_the_waiting_and_not_the_submission(scene: Scene, model: Path) -> None:
    process = subprocess.Popen(
        [str(HELDOUT), "submit", "model.onnx"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Submission 1 to")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    found = Submission.objects.get()
    assert process.returncode == 130
    again = f"heldout wait {found.pk} --event {scene.event}"
    assert f"Submission 1 goes on without you: `{again}` waits again." in said
    assert found.state == "queued"


def test_ctrl_c_while_a_site_is_waited_for_has_the_same_code(way: Way, model: Path) -> None:
    way.ahead.append(Fault("busy", retry_after="60"))
    process = subprocess.Popen([str(HELDOUT), "submit", "model.onnx"], stderr=subprocess.PIPE, text=True)
    while not way.asked:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "Stopped.\n")
    assert not Submission.objects.exists()


def test_a_refusal_of_the_site_is_told_in_its_words(scene: Scene, model: Path) -> None:
    for _ in range(5):
        assert heldout("submit", "model.onnx", "--no-wait").exit_code == 0
    done = heldout("submit", "model.onnx")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "No tries left today." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["missing.onnx"], 2, "missing.onnx does not exist"),
        (["."], 2, "a folder without `model.py`"),
        (["model.onnx", "--challenge", "elsewhere"], 1, "Not found"),
        (["model.onnx", "--event", "elsewhere"], 2, "No challenge of elsewhere is named"),
    ],
)
def test_what_cannot_be_handed_in_is_said_before_anything_is_sent(
    scene: Scene, model: Path, arguments: list[str], code: int, words: str
) -> None:
    done = heldout("submit", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
    assert not Submission.objects.exists()


@pytest.mark.parametrize("status", [409, 429, 502, 503, 504])
def test_a_busy_site_is_asked_again(way: Way, model: Path, status: int) -> None:
    way.ahead.extend([Fault("busy", status), Fault("busy", status)])
    assert document("submit", "model.onnx", "--no-wait")["number"] == 1
    assert Submission.objects.count() == 1


def test_an_answer_that_is_lost_hands_in_once(way: Way, model: Path) -> None:
    # The first request is for the challenge, the second hands in.
    way.ahead.extend([Fault("cut", after=10**9), Fault("lost")])
    told = document("submit", "model.onnx", "--no-wait")
    posts = [headers for verb, _, headers in way.asked if verb == "POST"]
    assert len(posts) == 2
    for same in ("idempotency-key", "content-type", "content-length"):
        assert posts[0][same] == posts[1][same]
    assert [str(found.pk) for found in Submission.objects.all()] == [told["id"]]


def test_a_site_that_is_not_there_has_a_code_of_its_own(scene: Scene, model: Path) -> None:
    account.keep(Account("http://127.0.0.1:9", scene.token))
    done = heldout("submit", "model.onnx")
    assert done.exit_code == 4
    assert "127.0.0.1:9 cannot be reached" in done.stderr


def test_a_token_that_was_revoked_has_a_code_of_its_own(scene: Scene, model: Path) -> None:
    account.keep(Account(scene.address, "hld_other"))
    assert heldout("submit", "model.onnx").exit_code == 3


def test_code_is_zipped_and_handed_in(scene: Scene, model: Path) -> None:
    bundle = scene.challenge.bundle
    bundle.manifest_json["formats"] = ["code"]
    type(bundle).objects.filter(pk=bundle.pk).update(manifest_json=bundle.manifest_json)
    Path("mine").mkdir()
    Path("mine/model.py").write_text("def predict(batch): ...")
    assert document("submit", "mine", "--no-wait")["file_name"] == "mine.zip"


def test_nothing_but_the_document_is_on_stdout(scene: Scene, model: Path) -> None:
    with worker(scene.challenge):
        done = subprocess.run(
            [str(HELDOUT), "submit", "model.onnx", "--json"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "FORCE_COLOR": "1"},
        )
    assert json.loads(done.stdout)["state"] == "scored"


def test_a_large_file_goes_in_pieces_and_goes_on_after_a_cut(way: Way, scene: Scene) -> None:
    bundle = scene.challenge.bundle
    bundle.manifest_json["limits"]["artefact_mb"] = 16
    type(bundle).objects.filter(pk=bundle.pk).update(manifest_json=bundle.manifest_json)
    content = os.urandom(2**20) * 9
    Path("large.onnx").write_bytes(content)
    # The challenge, the beginning, how far it is; the answer to the whole file is lost.
    way.ahead.extend([Fault("cut", after=10**9)] * 3 + [Fault("lost")])
    told = document("submit", "large.onnx", "--no-wait", "--note", "wider")
    assert told["digest"] == hashlib.sha256(content).hexdigest()
    assert (told["file_name"], told["note"]) == ("large.onnx", "wider")
    verbs = [verb for verb, _, _ in way.asked]
    assert verbs.count("PATCH") == 1 and not any(
        "multipart" in headers.get("content-type", "") for _, _, headers in way.asked
    )
    assert Submission.objects.count() == 1
    assert document("rehearse", "large.onnx", "--no-wait")["digest"] == told["digest"]
