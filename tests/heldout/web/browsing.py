"""A real site and a real browser: the ASGI application served by uvicorn in a thread, and Chromium."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

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
def browsing(address: str, **look: object) -> Iterator[BrowserContext]:
    """A fresh browser window. It fails, and says what to run, where there is no Chromium."""
    path = browser.require()
    # Playwright keeps an event loop in this thread, and Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=browser.ARGUMENTS)
            expect.set_options(timeout=browser.PATIENCE_MS)
            context = chromium.new_context(base_url=address, **look)  # type: ignore[arg-type]
            yield context
            chromium.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


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
