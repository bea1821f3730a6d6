"""A whole event in browsers, from the application to what a team takes home; each person has a window."""

import io
import re
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.pages import new_person, screenshot, sign_in
from tests.end_to_end.running_demo import RunningDemo

ROOT = Path(__file__).resolve().parent.parent.parent
SLUG = "winter-hack"
EVENT = f"/events/{SLUG}/"
FIRST, SECOND = f"{EVENT}challenges/numbers-too/", f"{EVENT}challenges/gearing-up/"
SELF_TEST_MS = 240_000
SCORED_WITHIN_MS = 60_000
COACH = "cleo@example.org"
APPLICANTS = {"Nora Lind": "nora.lind@example.org", "Omid Rahimi": "omid@example.org"}


@dataclass
class Cast:
    """Who is there, each with a window."""

    organizer: Page
    coach: Page
    nora: Page
    omid: Page


def gathered(demo: RunningDemo, browser: Browser) -> Cast:
    """Four people who have never been here, but for the organizer."""
    found = Cast(*(new_person(browser, demo) for _ in range(4)))
    sign_in(found.organizer, demo.people["Ines"])
    return found


def at_the_venue(when: datetime) -> str:
    """What somebody types into a field of a time, in UTC."""
    return f"{when:%Y-%m-%dT%H:%M}"


def mailed(page: Page, address: str, path: str) -> str:
    """The link to `path` in the newest mail to somebody, from the demo's outbox."""
    page.goto("/outbox/")
    mail = page.locator("article", has_text=f"To {address}").first
    link = mail.locator(f'a[href*="{path}"]').first.get_attribute("href")
    assert link
    return link


def confirm(page: Page, button: str, yes: str) -> None:
    """Press a button that asks first, and say yes."""
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=yes, exact=True).click()


def accept(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill("a-long-way-up-the-hill")
    page.get_by_role("button", name="Accept the invitation").click()
    expect(page).to_have_url(re.compile(f"{EVENT}$"))


def see(page: Page, screenshots: Path, path: str, name: str, waiting_for: str = "main") -> None:
    """Keep pictures of a page: desktop and phone, light and dark."""
    screenshot(page.context, path, screenshots, f"whole-{name}", waiting_for)


def an_event_is_opened_and_takes_applications(cast: Cast, screenshots: Path) -> None:
    page, now = cast.organizer, datetime.now(UTC)
    page.goto("/events/new/")
    page.get_by_label("Name", exact=True).fill("Winter Hack")
    page.get_by_label("Starts").fill(at_the_venue(now - timedelta(hours=1)))
    page.get_by_label("Ends").fill(at_the_venue(now + timedelta(days=2)))
    page.get_by_role("button", name=re.compile("Create|Open")).click()
    page.goto(f"{EVENT}applications/form/")
    page.get_by_label("Applications open").fill(at_the_venue(now - timedelta(hours=2)))
    page.get_by_label("Places").fill("1")
    page.get_by_label("About the event").fill("Two days in the **snow**.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Ask something").click()
    page.get_by_label("Question").fill("What would you like to learn?")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("The question is on the form.")).to_be_visible()
    see(page, screenshots, f"/apply/{SLUG}/", "apply")


def people_apply_and_one_is_shortlisted_accepted_and_let_in(cast: Cast, screenshots: Path) -> None:
    for (name, address), page in zip(APPLICANTS.items(), (cast.nora, cast.omid), strict=True):
        page.goto(f"/apply/{SLUG}/")
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Mail").fill(address)
        page.get_by_label("Your experience").select_option("3")
        page.get_by_label("What would you like to learn?").fill("To look at my mistakes")
        page.get_by_label("I keep to the code of conduct").check()
        page.get_by_label(re.compile("These data may be used")).check()
        page.get_by_role("button", name="Send my application").click()
        expect(page.get_by_text("Look into your mail.")).to_be_visible()
    page = cast.organizer
    page.goto(f"{EVENT}applications/")
    for name in APPLICANTS:
        page.get_by_label(f"Choose {name}").check()
    page.get_by_role("button", name="Shortlist").click()
    expect(page.get_by_text("2 applications: shortlist.")).to_be_visible()
    page.get_by_label("Choose Nora Lind").check()
    confirm(page, "Accept and invite", "Accept and invite")
    page.get_by_label("Choose Omid Rahimi").check()
    confirm(page, "Waitlist", "Waitlist")
    expect(page.get_by_text("0 of 1 places are left")).to_be_visible()
    see(page, screenshots, f"{EVENT}applications/", "applications", "table")
    accept(cast.nora, mailed(page, APPLICANTS["Nora Lind"], "/invitations/"), "Nora Lind")


def the_waitlist_moves_up_and_a_roster_brings_the_coach(cast: Cast) -> None:
    page = cast.organizer
    page.goto(f"{EVENT}applications/form/")
    page.get_by_label("Places").fill("2")
    page.get_by_role("button", name="Save").click()
    accept(cast.omid, mailed(page, APPLICANTS["Omid Rahimi"], "/invitations/"), "Omid Rahimi")
    page.goto(f"{EVENT}invitations/roster/")
    roster = {
        "name": "r.csv",
        "mimeType": "text/csv",
        "buffer": f"email,role,team\n{COACH},coach,\n".encode(),
    }
    page.get_by_label("CSV file").set_input_files(roster)  # type: ignore[arg-type]
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_text("1 people. Nobody is invited yet.")).to_be_visible()
    page.get_by_label("CSV file").set_input_files(roster)  # type: ignore[arg-type]
    page.get_by_role("button", name="Invite 1 people").click()
    accept(cast.coach, mailed(page, COACH, "/invitations/"), "Cleo Marsh")


def two_become_a_team_with_a_coach(cast: Cast, screenshots: Path) -> None:
    nora, omid, organizer = cast.nora, cast.omid, cast.organizer
    nora.goto(f"{EVENT}team/")
    nora.get_by_label("Team name").fill("Snow Goggles")
    nora.get_by_role("button", name="Make the team").click()
    nora.get_by_label("Whom do you look for?").fill("Somebody who likes data")
    nora.get_by_role("button", name="Keep it").click()
    omid.goto(f"{EVENT}teams/find/")
    omid.get_by_role("button", name="Ask to join").click()
    nora.goto(f"{EVENT}team/")
    nora.get_by_role("button", name="Accept", exact=True).click()
    expect(nora.get_by_text("Omid Rahimi is in Snow Goggles now.")).to_be_visible()
    see(nora, screenshots, f"{EVENT}team/", "team", ".people")
    organizer.goto(f"{EVENT}teams/")
    organizer.get_by_label("Coach of Snow Goggles").select_option("Cleo Marsh")
    organizer.get_by_role("button", name="Assign").click()
    expect(organizer.get_by_text("Cleo Marsh coaches Snow Goggles.")).to_be_visible()


def challenges_open_one_by_its_self_test_and_one_behind_a_gate(cast: Cast, screenshots: Path) -> None:
    page = cast.organizer
    page.goto(f"{EVENT}control/")
    for title in ("Numbers too", "Gearing up"):
        page.get_by_role("button", name=f"Add {title}").click()
        expect(page.get_by_role("heading", name=title).first).to_be_visible()
    for slug in ("numbers-too", "gearing-up"):
        card = page.locator(f'article[aria-labelledby="control-{slug}"]')
        card.get_by_role("button", name="Run the self-test").click()
        opening = page.locator(f'article[aria-labelledby="control-{slug}"]').get_by_role(
            "button", name="Open", exact=True
        )
        expect(opening).to_be_visible(timeout=SELF_TEST_MS)
    page.goto(f"{SECOND}gates/")
    page.get_by_label("It opens when").select_option(label="The coach signs an earlier challenge off")
    page.get_by_label("Earlier challenge").select_option(label="Numbers too")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Your coach has signed off Numbers too", exact=True)).to_be_visible()
    for slug in ("numbers-too", "gearing-up"):
        page.goto(f"{EVENT}control/")
        card = page.locator(f'article[aria-labelledby="control-{slug}"]')
        card.get_by_role("button", name="Open", exact=True).click()
        page.locator(f"dialog#open-{slug}").get_by_role("button", name="Open it").click()
        expect(card.locator(".pill", has_text="open").first).to_be_visible()
    see(page, screenshots, f"{EVENT}control/", "control", ".control-card")


def trained(cast: Cast, folder: Path) -> Path:
    """What the challenge's strong baseline trains on the data that the team has downloaded."""
    cast.nora.goto(FIRST)
    with cast.nora.expect_download() as download:
        cast.nora.get_by_role("link", name=re.compile("Download")).click()
    with zipfile.ZipFile(download.value.path()) as given:
        given.extractall(folder)
    script = ROOT / "challenges/openhack_ml/numbers-too/baseline_strong.py"
    command = [sys.executable, str(script), "--data", str(folder / "given"), "--out", str(folder / "out")]
    subprocess.run(command, check=True)
    [made] = (folder / "out").iterdir()
    return made


def the_team_submits_raises_a_hand_and_a_sign_off_opens_the_next_challenge(
    cast: Cast, model: Path, screenshots: Path
) -> None:
    nora, coach = cast.nora, cast.coach
    nora.goto(SECOND)
    expect(nora.get_by_text("your coach has signed off Numbers too")).to_be_visible()
    nora.goto(FIRST)
    nora.locator("input[type=file]").set_input_files(model)
    nora.get_by_label("What did you change?").fill("Support vectors, on shifted readings")
    nora.get_by_role("button", name="Submit").click()
    card = nora.locator("article.submission").first
    expect(card).to_have_class(re.compile(r"\bscored\b"), timeout=SCORED_WITHIN_MS)
    coach.goto(f"{EVENT}coach/")
    nora.get_by_label(re.compile("Say in a sentence where")).fill("We have something to show")
    nora.get_by_role("button", name="Raise a hand").click()
    expect(coach.get_by_text("We have something to show")).to_be_visible()
    coach.get_by_role("button", name=re.compile("m coming")).click()
    expect(nora.get_by_text("Cleo Marsh is on the way")).to_be_visible()
    waiting = cast.omid
    waiting.goto(SECOND)
    expect(waiting.get_by_text("your coach has signed off Numbers too")).to_be_visible()
    for tick in coach.locator(".sign-off .tick").all():
        tick.click()
    coach.get_by_role("button", name="Sign off").click()
    expect(waiting.get_by_role("heading", name=re.compile("^Hand in"))).to_be_visible()
    see(coach, screenshots, f"{EVENT}coach/", "cockpit")


def an_announcement_comes_up_on_an_open_page_and_a_question_is_answered(cast: Cast) -> None:
    organizer, omid = cast.organizer, cast.omid
    omid.goto(EVENT)
    organizer.goto(f"{EVENT}notices/")
    organizer.get_by_label("Title").fill("Soup is ready")
    organizer.get_by_role("button", name="Announce it").click()
    expect(omid.get_by_text("Soup is ready")).to_be_visible()
    omid.goto(f"{EVENT}questions/")
    omid.get_by_label("Your question").fill("May we use two models?")
    omid.get_by_role("button", name="Ask it").click()
    organizer.goto(f"{EVENT}questions/")
    organizer.get_by_text("Answer it").click()
    organizer.get_by_label("Answer", exact=True).fill("Yes, as one file.")
    organizer.get_by_role("button", name="Answer", exact=True).click()
    expect(omid.get_by_text("Yes, as one file.")).to_be_visible()


def the_board_freezes_and_the_end_is_revealed_a_place_at_a_time(cast: Cast, screenshots: Path) -> None:
    organizer, nora = cast.organizer, cast.nora
    nora.goto(f"{FIRST}board/")
    organizer.goto(f"{EVENT}board/rules/")
    confirm(organizer, "Freeze now", "Freeze")
    expect(nora.get_by_text(re.compile("Frozen since"))).to_be_visible()
    organizer.goto(f"{EVENT}board/rules/")
    organizer.get_by_role("link", name="Numbers too").click()
    expect(organizer.get_by_text("Snow Goggles")).to_have_count(0)
    organizer.keyboard.press("Space")
    expect(organizer.get_by_text("Congratulations, Snow Goggles!")).to_be_visible()
    see(organizer, screenshots, f"{FIRST}reveal/?step=1", "reveal", "table")
    organizer.keyboard.press("ArrowLeft")
    expect(organizer.get_by_text("Snow Goggles")).to_have_count(0)
    assert nora.goto(f"{FIRST}final/").status == 404  # type: ignore[union-attr]
    organizer.goto(f"{EVENT}board/rules/")
    confirm(organizer, "Publish to everybody", "Publish")
    expect(organizer.get_by_text("Everybody sees the final boards.")).to_be_visible()
    nora.goto(f"{FIRST}final/")
    expect(nora.get_by_role("row", name=re.compile("Snow Goggles"))).to_be_visible()
    see(nora, screenshots, f"{FIRST}final/", "final", "table")


def when_it_is_over_the_team_takes_it_home(demo: RunningDemo, cast: Cast, screenshots: Path) -> None:
    with sqlite3.connect(demo.var / "heldout.sqlite3") as database:  # Two days pass.
        ended = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
        database.execute("UPDATE events_event SET ends_at = ? WHERE slug = ?", (ended, SLUG))
    nora = cast.nora
    nora.goto(f"{EVENT}team/")
    see(nora, screenshots, f"{EVENT}team/", "take-home", ".people")
    with nora.expect_download() as download:
        nora.get_by_role("link", name="Take it home").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
        [notebook] = [name for name in names if name.endswith("notebook.md")]
        assert "Support vectors, on shifted readings" in archive.read(notebook).decode()
        [bundle] = [name for name in names if name.endswith("numbers-too/bundle.zip")]
        assert zipfile.ZipFile(io.BytesIO(archive.read(bundle))).testzip() is None
        assert any(name.endswith("nora-lind.pdf") for name in names)
    with nora.expect_download() as download:
        nora.get_by_role("link", name="My certificate").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


@pytest.mark.timeout(900)
def test_a_whole_event_is_played_from_the_application_to_what_a_team_takes_home(
    demo: RunningDemo, browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    cast = gathered(demo, browser)
    an_event_is_opened_and_takes_applications(cast, screenshots)
    people_apply_and_one_is_shortlisted_accepted_and_let_in(cast, screenshots)
    the_waitlist_moves_up_and_a_roster_brings_the_coach(cast)
    two_become_a_team_with_a_coach(cast, screenshots)
    challenges_open_one_by_its_self_test_and_one_behind_a_gate(cast, screenshots)
    the_team_submits_raises_a_hand_and_a_sign_off_opens_the_next_challenge(
        cast, trained(cast, tmp_path), screenshots
    )
    an_announcement_comes_up_on_an_open_page_and_a_question_is_answered(cast)
    the_board_freezes_and_the_end_is_revealed_a_place_at_a_time(cast, screenshots)
    when_it_is_over_the_team_takes_it_home(demo, cast, screenshots)
