"""What a person does in a browser, in the words of the pages."""

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser import PATIENCE_MS
from tests.end_to_end.running_demo import Person, RunningDemo

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
EVENT = "/events/gear-and-trail/"
CHALLENGE = f"{EVENT}challenges/first-steps/"


def new_person(browser: Browser, demo: RunningDemo) -> Page:
    """A browser window of somebody who has never been here, which collects what goes wrong in it."""
    context = browser.new_context(base_url=demo.address, viewport=DESKTOP, reduced_motion="no-preference")
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def sign_in(page: Page, person: Person) -> None:
    """By password."""
    page.goto("/accounts/login/")
    page.get_by_text("Sign in with a password").click()
    form = page.locator("form", has=page.get_by_label("Password"))
    form.get_by_label(re.compile("mail", re.I)).fill(person.email)
    form.get_by_label("Password").fill(person.password)
    form.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("/accounts/"))


def invite(page: Page, address: str) -> None:
    """As the organizer."""
    page.goto(f"{EVENT}invitations/")
    page.get_by_label("Mail addresses").fill(address)
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_role("cell", name=address, exact=True)).to_be_visible()


def link_in_newest_mail(page: Page, address: str) -> str:
    """From the demo's outbox."""
    page.goto("/outbox/")
    mail = page.locator("article", has_text=f"To {address}").first
    link = mail.locator('a[href*="/invitations/"]').first.get_attribute("href")
    assert link
    return link


def submit(page: Page, model: Path, note: str) -> None:
    """As a member of a team, through the form of the page."""
    page.goto(CHALLENGE)
    page.locator("input[type=file]").set_input_files(model)
    page.get_by_label("What did you change?").fill(note)
    page.get_by_role("button", name="Submit").click()


def screenshot(
    context: BrowserContext, path: str, folder: Path, name: str, waiting_for: str = "main"
) -> None:
    """The page on a desktop and on a phone, in light and in dark: four files."""
    page = context.new_page()
    for device, size in (("desktop", DESKTOP), ("phone", PHONE)):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.goto(path)
            expect(page.locator(waiting_for).first).to_be_visible()
            # To hide carets is to give fields a style. htmx carries it over to those that a swap brings, and
            # the page's policy refuses that.
            kept = folder / f"{name}-{device}-{scheme}.png"
            page.screenshot(path=kept, full_page=True, caret="initial")
    page.close()
