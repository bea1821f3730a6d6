"""The tests' Chromium. `python -m tests.browser` sees to it that there is one, or says what to run."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 20_000
"""How long a page may take to show what is expected of it, on a busy machine."""

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


class NoBrowser(Exception):
    """There is no Chromium, and none could be installed."""


def executable() -> str | None:
    """The distribution's Chromium, else the one that playwright installed, else None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def require() -> str:
    """The browser's path; without one, an error that says what to run."""
    path = executable()
    if path is None:
        raise NoBrowser(
            "No Chromium was found. Run one of: apt-get install chromium | "
            f"{sys.executable} -m playwright install chromium"
        )
    return path


def install() -> str:
    """Install Chromium: by apt-get where we may, else by playwright."""
    if found := executable():
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
        command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if executable() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return require()


if __name__ == "__main__":
    try:
        print(f"browser: {install()}")
    except NoBrowser as error:
        sys.exit(str(error))
