"""Properties of reading a bundle's zip, for names that are nearly right."""

import io
import warnings
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import bundles

PARTS = st.sampled_from(
    ["..", ".", "", "a", "A", "b.py", "C:", "a\\b", "challenge.toml", "\n", "~", "é", "\0"]
)
MODES = st.sampled_from([0, 0o100644, 0o120777, 0o040755, 0o010644])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.lists(PARTS, min_size=1, max_size=4), MODES, st.binary(max_size=20)), max_size=5)
)
def test_whatever_its_entries_are_called_a_zip_stays_inside(
    entries: list[tuple[list[str], int, bytes]],
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for parts, mode, content in entries:
            entry = zipfile.ZipInfo("/".join(parts) or "x")
            entry.external_attr = mode << 16
            with warnings.catch_warnings(action="ignore"):
                packed.writestr(entry, content)
    bundles.unpacking(buffer.getvalue())
