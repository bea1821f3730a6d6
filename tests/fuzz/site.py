"""What the web process parses: forms with files, their names, statements in Markdown."""

import html.parser
import os
import re
import unicodedata
from io import BytesIO

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if not settings.configured:
    django.setup()

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import _get_new_csrf_string
from django.test import RequestFactory

from heldout import blobs
from heldout.bodies import announced_length, takes_files
from heldout.events.rules import Refusal
from heldout.markdown import to_html
from heldout.submissions.uploads import LONGEST_NAME, display_name, receive
from tests.fuzz.files import folder

TOKEN = _get_new_csrf_string()
BOUNDARY = b"b"
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
SCHEMES = ("http:", "https:", "mailto:")
BLANK = "".join(map(chr, range(33)))


def uploads(data: bytes) -> None:
    """The body of a form with a file, with the boundary `b`: stored by its digest, or refused."""
    body = data.replace(b"TOKEN", TOKEN.encode())
    kind = f"multipart/form-data; boundary={BOUNDARY.decode()}"
    request = RequestFactory(enforce_csrf_checks=True).post("/", body, content_type=kind)
    request.COOKIES[settings.CSRF_COOKIE_NAME] = TOKEN
    with folder() as place:
        before, settings.BLOBS = settings.BLOBS, place
        try:
            received = receive(request, limit_mb=1)
            stored = blobs.path(received.digest)
            assert blobs.digest_of(stored) == received.digest
            assert stored.stat().st_size == received.size <= 2**20
            named(received.file_name.encode())
            assert received.file_name == display_name(received.file_name)
        except (Refusal, PermissionDenied, SuspiciousOperation, MultiPartParserError):
            assert [path for path in place.rglob("*") if path.is_file()] == []
        finally:
            settings.BLOBS = before
        assert not (place / blobs.INCOMING).exists() or list((place / blobs.INCOMING).iterdir()) == []


def named(data: bytes) -> None:
    """The name of a file, of which a part is shown."""
    shown = display_name(data.decode(errors="replace"))
    assert shown and len(shown) <= LONGEST_NAME
    assert not any(unicodedata.category(letter).startswith("C") for letter in shown)
    assert not set(shown) & set("/\\\0\r\n")


def headers(data: bytes) -> None:
    """The length that a request announces, and the address that it goes to."""
    length, _, path = data.partition(b"\n")
    assert announced_length({"headers": [(b"content-length", length)]}) >= 0
    assert isinstance(takes_files(path.decode(errors="replace")), bool)


class _Reader(html.parser.HTMLParser):
    """Fails at whatever could run."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "style", "iframe", "object", "embed", "form", "base", "meta", "link")
        for name, value in attrs:
            assert not name.startswith("on") and name != "style"
            # As browsers read addresses: without blanks before it, and tabs and line breaks within.
            scheme = SCHEME.match(re.sub(r"[\t\n\r]", "", (value or "").lstrip(BLANK)))
            if name in ("href", "src") and scheme:
                assert scheme[0].lower() in SCHEMES, value


def statements(data: bytes) -> None:
    """A statement in Markdown: HTML in which nothing runs."""
    to_html.cache_clear()
    _Reader().feed(str(to_html(data.decode(errors="replace"))))


def body(parts: dict[str, bytes], file_name: str = "model.onnx") -> bytes:
    """A form of these fields; that of the file is `artefact`."""
    stream = BytesIO()
    for name, content in parts.items():
        stream.write(b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"')
        stream.write(b'; filename="' + file_name.encode() + b'"' if name == "artefact" else b"")
        stream.write(b"\r\n\r\n" + content + b"\r\n")
    return stream.getvalue() + b"--b--\r\n"
