"""The documentation as a site: it builds without a warning, and loads nothing from elsewhere."""

import contextlib
import functools
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import sync_playwright

from tests.browser import ARGUMENTS, PATIENCE_MS, require
from tests.docs.blocks import pages
from tests.test_layout import ROOT

CONFIGURATION = ROOT / "docs/site/mkdocs.yml"
LOADED = re.compile(
    r"<(?:link|script|img|iframe|source|video|audio)\b[^>]*?(?:src|href)=[\"']?(?:https?:)?//[^\s>]+"
)
IN_STYLE = re.compile(r"(?:url\(|@import )\s*[\"']?(?:https?:)?//")
READERS = ("participants", "coaches", "organizers", "operators", "authors", "developers")


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("manual")
    command = ["-m", "mkdocs", "build", "--strict", "--quiet", "-f", "docs/site/mkdocs.yml"]
    assert " ".join(command) in (ROOT / "Makefile").read_text()
    done = subprocess.run(
        [sys.executable, *command, "--site-dir", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_each_page_is_there_and_has_its_place(manual: Path) -> None:
    of_docs = {path.stem for path in pages() if path.parent == ROOT / "docs"}
    assert of_docs <= {path.stem for path in manual.glob("*.html")}
    named = set(re.findall(r"([\w-]+)\.md", yaml.safe_dump(yaml.safe_load(CONFIGURATION.read_text())["nav"])))
    assert named == of_docs, "each page of docs/ has a line under `nav` in docs/site/mkdocs.yml"


def test_nothing_that_a_page_loads_lies_elsewhere(manual: Path) -> None:
    files = [path for path in manual.rglob("*") if path.suffix in (".html", ".css", ".svg")]
    assert len(files) > len(READERS)
    found = [(path.name, match[0]) for path in files for match in LOADED.finditer(path.read_text("utf-8"))]
    found += [(path.name, match[0]) for path in files for match in IN_STYLE.finditer(path.read_text("utf-8"))]
    assert found == []


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder under an address of its own."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_browser_that_reads_and_searches_the_manual_asks_nobody_else(manual: Path) -> None:
    asked: set[str] = set()
    with sync_playwright() as playwright, served(manual) as address:
        browser = playwright.chromium.launch(executable_path=require(), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: asked.add(request.url))
        for reader in ("challenges", "operations", *READERS, "index"):
            page.goto(f"{address}{reader}.html")
            assert page.locator("h1").count() == 1
        page.get_by_placeholder("Search").press_sequentially("retention")  # It listens to keys.
        page.locator(".md-search-result__item", has_text="Retention").first.wait_for()
        browser.close()
    assert {url for url in asked if not url.startswith((address, "data:", "blob:"))} == set()


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_finds_the_own_page_from_the_first_one(manual: Path, reader: str) -> None:
    assert f'href="{reader}.html"' in (manual / "index.html").read_text("utf-8").partition("<article")[2]


@pytest.mark.parametrize("page", [p for p in pages() if p.parent == ROOT / "docs"], ids=lambda p: p.name)
def test_lists_and_tables_stand_apart_from_what_is_before_them(page: Path) -> None:
    """What GitHub reads as a list or a table is one for MkDocs too only after an empty line."""
    text = re.sub(r"^( *)```.*?^\1```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = text.splitlines()
    kinds = [_kind(line) for line in lines]
    wrong = [
        f"{now}"
        for before, kind, now in zip(kinds, kinds[1:], lines[1:], strict=False)
        if kind in ("list", "table") and before == "words"
    ]
    assert wrong == []


def _kind(line: str) -> str:
    if re.match(r"^\s*([-*]|\d+\.) ", line):
        return "list"
    if line.startswith("|"):
        return "table"
    if not line.strip() or line.startswith("#"):
        return "nothing"
    return "more" if line.startswith((" ", ">", "<")) else "words"
