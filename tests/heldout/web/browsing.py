"""A real site and a real browser: the ASGI application served by uvicorn in a thread, and Chromium."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import browser


@contextmanager
def serving() -> Iterator[str]:
    """The site on a free port of this machine; gives its address."""
    from heldout.asgi import application

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(application, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that many tests may share. It fails, and says what to run, where there is no Chromium.

    Playwright keeps an event loop in this thread as long as the browser runs, beside which Django would
    refuse to touch the database and `asyncio.run` cannot be used. It must not outlive the module that
    needs it.
    """
    path = browser.require()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=path, args=browser.ARGUMENTS)
            expect.set_options(timeout=browser.PATIENCE_MS)
            yield running
            running.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def browsing(running: Browser, address: str, **look: object) -> Iterator[BrowserContext]:
    """A fresh browser window, which shares neither cookies nor stored files with another."""
    context = running.new_context(base_url=address, **look)  # type: ignore[arg-type]
    try:
        yield context
    finally:
        context.close()


def sign_in(context: BrowserContext, client: Client, address: str) -> None:
    """Give the browser the session of a test client."""
    if "sessionid" in client.cookies:
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])


def faults_of(page: Page) -> list[str]:
    """Collects what the page's console complains of: refused scripts, errors, missing files."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type in ("error", "warning") else None)
    return faults


STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CUT = """() => {
  const here = document.querySelector(".ways [aria-current]");
  return !!here && here.getBoundingClientRect().right > here.parentElement.getBoundingClientRect().right + 1;
}"""


def shuts_out(page: Page) -> list[str]:
    """What of a page shuts somebody out: by axe, wider than the screen, or not showing where one is."""
    found = Axe().run(page, options={"runOnly": STANDARDS}).response["violations"]
    problems = [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        problems.append("wider than the screen")
    if page.evaluate(CUT):
        problems.append("where one is cannot be seen among the ways")
    return problems
