"""The parsers that touch untrusted bytes outside of a box, each as a function of bytes.

A target returns for whatever it is given; what it raises is a fault of ours.
"""

from collections.abc import Callable
from pathlib import Path

from tests.fuzz import bundles, site, worker

CORPUS = Path(__file__).parent / "corpus"

TARGETS: dict[str, Callable[[bytes], None]] = {
    "answers": worker.answers,
    "changes": worker.changes,
    "facts": worker.facts,
    "formats": worker.formats,
    "headers": site.headers,
    "hidden": worker.hidden,
    "manifests": bundles.manifests,
    "names": site.named,
    "spoken": worker.spoken,
    "statements": site.statements,
    "tables": worker.tables,
    "unpacking": bundles.unpacking,
    "uploads": site.uploads,
}
