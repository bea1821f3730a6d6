"""Properties of what the web process parses."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import site

some = settings(max_examples=150, deadline=None)


@some
@given(st.text(max_size=400))
def test_a_file_name_is_shown_without_folders_and_control_characters(raw: str) -> None:
    site.named(raw.encode(errors="replace"))


VALUES = st.binary(max_size=60) | st.sampled_from([b"TOKEN", b"--b--\r\n", b"\r\n--b\r\n", b"\0"])
FIELDS = st.sampled_from(["artefact", "note", "csrfmiddlewaretoken", "other", 'a"; filename="x', ""])
NAMES = st.sampled_from(["m.onnx", "../../x", "", 'a"b', "C:\\x", "\u202ex", "a\0b"])


@some
@given(st.dictionaries(FIELDS, VALUES, max_size=5), NAMES, st.integers(0, 30))
def test_a_form_is_stored_whole_or_not_at_all(fields: dict[str, bytes], name: str, cut: int) -> None:
    form = site.body(fields, name)
    site.uploads(form[: len(form) - cut])


MARKS = st.sampled_from(
    [
        *(
            "[",
            "](",
            ")",
            "<",
            ">",
            "`",
            "```",
            "~~~",
            "\n",
            "\n\n",
            "    ",
            "|",
            "---",
            "- ",
            "1. ",
            "# ",
            "*",
            "_",
        ),
        *(
            "[^1]",
            "[^1]: ",
            "\n: ",
            "![",
            "&lt;",
            "&#x6a;avascript:",
            "javascript:alert(1)",
            "data:text/html,x",
        ),
        *(
            "<script>",
            "</script>",
            "<img src=x onerror=y>",
            "<a href='",
            "style=",
            "http://a",
            "\\",
            '"',
            "'",
        ),
    ]
)


@some
@given(st.lists(MARKS | st.text(max_size=5), max_size=25))
def test_nothing_in_a_statement_runs(pieces: list[str]) -> None:
    site.statements("".join(pieces).encode(errors="replace"))
