"""Zips of code for tests: real files, made in memory."""

import io
import textwrap
import zipfile

HONEST = """
def load(folder):
    pass

def predict(batch):
    return batch
"""
"""The honest model of `table_splits`: the scores are the three numbers of the row."""


def zipped(
    model: str = HONEST, files: dict[str, str | bytes] | None = None, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip with `model.py` and other files by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in {"model.py": model, **(files or {})}.items():
            archive.writestr(name, textwrap.dedent(content) if isinstance(content, str) else content)
    return buffer.getvalue()


def renamed(content: bytes, prefix: str) -> bytes:
    """The same zip with everything below a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(prefix + name, old.read(name))
    return buffer.getvalue()
