"""An invited person makes a team, submits a model, and stands on the board that somebody else watches."""

import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.pages import (
    CHALLENGE,
    EVENT,
    invite,
    link_in_newest_mail,
    new_person,
    screenshot,
    sign_in,
    submit,
)
from tests.end_to_end.running_demo import RunningDemo
from tests.end_to_end.slow_model import save

ROOT = Path(__file__).resolve().parent.parent.parent
BUNDLE = ROOT / "challenges" / "openhack_ml" / "first-steps"
NEWCOMER = "nora@example.org"
TEAM = "Night Owls"
SCORED_WITHIN_MS = 60_000
REMEMBER_STAGES = """
window.stages = [];
new MutationObserver(() => {
  const bar = document.querySelector("article.submission progress");
  if (bar) window.stages.push(bar.getAttribute("aria-label"));
}).observe(document, { childList: true, subtree: true });
"""
"""A small model is done within the second, so the page itself remembers what it has shown."""
IN_ORDER = ["inspecting", "queued", "preparing", "predicting", "scoring"]
"""What a card says it is at. Any of them may be over before the page has asked."""


@pytest.fixture(scope="module")
def trained_model(demo: RunningDemo, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that the bundle's own baseline trains on the data that a team downloads from the page."""
    folder = tmp_path_factory.mktemp("participant")
    page = new_person(browser, demo)
    sign_in(page, demo.people["Ben"])
    page.goto(CHALLENGE)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).click()
    with zipfile.ZipFile(download.value.path()) as given:
        given.extractall(folder)
    page.context.close()
    command = [sys.executable, str(BUNDLE / "baseline_strong.py"), "--data", str(folder / "given")]
    subprocess.run([*command, "--out", str(folder / "out"), "--epochs", "3"], check=True)
    return folder / "out" / "small-cnn.onnx"


def accept_invitation_and_make_team(demo: RunningDemo, browser: Browser) -> Page:
    organizer, newcomer = new_person(browser, demo), new_person(browser, demo)
    sign_in(organizer, demo.people["Ines"])
    invite(organizer, NEWCOMER)
    newcomer.goto(link_in_newest_mail(organizer, NEWCOMER))
    organizer.context.close()
    newcomer.get_by_label("Your name").fill("Nora Lind")
    newcomer.get_by_label("Password").fill("a-long-way-up-the-hill")
    newcomer.get_by_role("button", name="Accept the invitation").click()
    newcomer.goto(f"{EVENT}team/")
    newcomer.get_by_label("Team name").fill(TEAM)
    newcomer.get_by_role("button", name="Make the team").click()
    expect(newcomer.get_by_role("heading", name=TEAM)).to_be_visible()
    return newcomer


def test_an_invited_team_submits_a_model_and_sees_itself_on_the_live_board(
    demo: RunningDemo, browser: Browser, trained_model: Path, screenshots: Path
) -> None:
    watcher = new_person(browser, demo)
    sign_in(watcher, demo.people["Ana"])
    watcher.goto(f"{CHALLENGE}board/")
    expect(watcher.get_by_role("row", name=re.compile("Cairn"))).to_be_visible()
    expect(watcher.get_by_role("row", name=re.compile(TEAM))).to_have_count(0)
    watcher.evaluate("window.neverReloaded = true")

    newcomer = accept_invitation_and_make_team(demo, browser)
    newcomer.add_init_script(REMEMBER_STAGES)
    submit(newcomer, trained_model, "Three passes over the training images")
    card = newcomer.locator("article.submission").first
    expect(card).to_have_class(re.compile(r"\bscored\b"), timeout=SCORED_WITHIN_MS)
    stages = newcomer.evaluate("window.stages")
    assert stages, "the card went from nothing to a score"
    assert [IN_ORDER.index(stage) for stage in stages] == sorted(IN_ORDER.index(stage) for stage in stages)

    row = watcher.get_by_role("row", name=re.compile(TEAM))
    expect(row).to_be_visible()
    expect(row.locator(".score")).to_have_text(re.compile(r"0\.\d{2,}"))
    assert watcher.evaluate("window.neverReloaded") is True
    watcher.screenshot(path=screenshots / "board-changed-desktop-light.png")
    for page in (watcher, newcomer):
        page.context.close()


def test_progress_is_seen_while_a_model_predicts(
    demo: RunningDemo, browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    page = new_person(browser, demo)
    sign_in(page, demo.people["Ana"])
    submit(page, save(tmp_path / "slow.onnx"), "A model that takes its time")
    card = page.locator("article.submission").first
    expect(card.locator("progress[aria-label=predicting]")).to_be_visible()
    expect(card).to_contain_text(re.compile(r"\d+ %"))
    page.screenshot(path=screenshots / "progress-desktop-light.png")
    expect(card).to_have_class(re.compile(r"\bscored\b"), timeout=SCORED_WITHIN_MS)
    page.context.close()


def test_a_file_that_is_no_model_is_explained(
    demo: RunningDemo, browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    page = new_person(browser, demo)
    sign_in(page, demo.people["Ben"])
    wrong = tmp_path / "model.onnx"
    wrong.write_text("this is a shopping list\n")
    submit(page, wrong, "The wrong file")
    card = page.locator("article.submission").first
    expect(card).to_have_class(re.compile(r"\brejected\b"), timeout=SCORED_WITHIN_MS)
    expect(card).to_contain_text(re.compile("no try", re.I))
    page.screenshot(path=screenshots / "rejected-desktop-light.png")
    page.context.close()


def test_the_engine_on_a_laptop_gives_the_platforms_score_to_the_last_digit(demo: RunningDemo) -> None:
    with sqlite3.connect(demo.var / "heldout.sqlite3") as database:
        digest, on_platform = database.execute(
            "SELECT submission.blob_id, score.value FROM submissions_score score "
            "JOIN submissions_evaluation evaluation ON evaluation.id = score.evaluation_id "
            "JOIN submissions_submission submission ON submission.id = evaluation.submission_id "
            "JOIN catalog_challenge challenge ON challenge.id = submission.challenge_id "
            "WHERE score.split = 'validation' AND submission.format = 'onnx' "
            "AND challenge.slug = 'first-steps'"
        ).fetchone()
    model = demo.var / "blobs" / digest[:2] / digest
    command = [sys.executable, "-m", "scoring", str(model), "--challenge", str(BUNDLE)]
    done = subprocess.run(
        [*command, "--split", "validation", "--json"], capture_output=True, text=True, check=True
    )
    (score,) = json.loads(done.stdout)["scores"]
    assert score["value"] == on_platform


@pytest.mark.parametrize(
    ("person", "path", "name", "waiting_for"),
    [
        (None, "/", "landing", "main"),
        (None, "/accounts/login/", "sign-in", "main form"),
        ("Ana", EVENT, "event", ".challenge-card"),
        ("Ana", CHALLENGE, "challenge", "article.submission"),
        ("Ana", f"{CHALLENGE}board/", "board", "table.board"),
        ("Ana", f"{EVENT}team/", "team", ".people"),
        ("Tomas", f"{EVENT}teams/", "teams", ".people"),
        ("Ines", f"{EVENT}invitations/", "invitations", "table"),
        ("Ines", f"{EVENT}control/", "control", ".control-card"),
        ("Ines", "/outbox/", "outbox", "article"),
    ],
)
def test_a_page_is_shown_on_desktop_and_phone_in_light_and_dark(
    demo: RunningDemo,
    browser: Browser,
    screenshots: Path,
    person: str | None,
    path: str,
    name: str,
    waiting_for: str,
) -> None:
    page = new_person(browser, demo)
    broken: list[str] = []
    page.context.on("console", lambda line: broken.append(line.text) if line.type == "error" else None)
    page.context.on("weberror", lambda error: broken.append(str(error.error)))
    if person:
        sign_in(page, demo.people[person])
    screenshot(page.context, path, screenshots, name, waiting_for)
    page.context.close()
    assert broken == []
