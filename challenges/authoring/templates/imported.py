"""The splits of imported data, which lies in `pool/`.

`pool/hidden` and `pool/sources.csv` tell what teams must not know: they stay with the organizers.
"""

from collections.abc import Mapping
from pathlib import Path

from challenges.importers import pool
from challenges.splits import Examples

POOL = Path(__file__).parent / "pool"


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """The train and validation splits, as they were imported."""
    return pool.given(POOL, sizes)


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """The public and private splits, which the secret draws from the hidden part of the pool."""
    return pool.hidden(POOL, secret, sizes)
