"""Statements are safe, whoever wrote them."""

import pytest

from heldout.markdown import to_html


def test_tables_code_and_footnotes_are_rendered() -> None:
    html = to_html("| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```\n\nNote[^1].\n\n[^1]: Here.\n")
    assert "<table" in html
    assert '<code class="language-python">' in html
    assert 'href="#fn1"' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        "[click](javascript:alert(1))",
        "[click](data:text/html,hello)",
        "<style>body { display: none }</style>",
        "<iframe src='https://example.org'></iframe>",
    ],
)
def test_nothing_that_runs_gets_through(text: str) -> None:
    html = to_html(text)
    for bad in ("<script", "<img", 'href="javascript', 'href="data', "<style", "<iframe"):
        assert bad not in html
