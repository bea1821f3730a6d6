"""What holds for every template."""

import re
from pathlib import Path

import heldout.web

TEMPLATES = Path(heldout.web.__file__).parent / "templates"
PART = re.compile(r"<(?!body)[^<>]*?hx-trigger=\"[^\"]*\bsse:[^\"]*\"", re.S)
"""A tag up to what renews it."""


def test_what_renews_itself_by_news_looks_again_after_a_gap_of_them() -> None:
    """A page is rendered before it hears of news, and may lose its stream later: it must look again then."""
    parts = [
        (path.name, part) for path in TEMPLATES.rglob("*.html") for part in PART.findall(path.read_text())
    ]
    assert len(parts) > 10
    deaf = [
        (name, part)
        for name, part in parts
        if not (
            "data-catch-up" in part and "catch-up" in part.partition("hx-trigger")[2] and "sse:resync" in part
        )
    ]
    assert deaf == []
