"""Statements: Markdown in, safe HTML out."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

ALLOWED_TAGS = nh3.ALLOWED_TAGS | {"section"}
ALLOWED_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "a": {"href", "title", "id", "class"},
    "code": {"class"},
    "li": {"id", "class"},
    "ol": {"start", "class"},
    "section": {"class"},
    "sup": {"class"},
}

parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
parser.use(footnote_plugin).use(deflist_plugin)


@lru_cache(maxsize=128)
def to_html(text: str) -> SafeString:
    """Render Markdown and clean the result: whoever writes a bundle cannot bring scripts or styles.

    Rendered once a process for each text; a text is known by its content.
    """
    html = nh3.clean(
        parser.render(text),
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        # What may be wider than a phone can be scrolled by keyboard too.
        set_tag_attribute_values={"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}},
    )
    return mark_safe(html)  # noqa: S308 - cleaned in the line above
