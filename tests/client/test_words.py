"""Numbers and foreign text as a person reads them."""

import pytest

from heldout_client import words


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((0.9, 0.88, 0.92), ["0.90", "0.88", "0.92"]),
        ((12.3, 11.9, 12.8), ["12.3", "11.9", "12.8"]),
        ((1.0, 1.0, 1.0), ["1", "1", "1"]),
        ((0.0004, 0.0002, 0.0006), ["0.0004", "0.0002", "0.0006"]),
    ],
)
def test_scores_beside_each_other_have_the_same_digits(values: tuple[float, ...], shown: list[str]) -> None:
    assert words.scores(*values) == shown


def test_sizes_are_in_the_units_of_the_sites_limits() -> None:
    told = [words.size(count) for count in (5, 2048, 2**20, 300 * 2**20, 5 * 2**40)]
    assert told == ["5 bytes", "2.0 kB", "1.0 MB", "300 MB", "5120 GB"]


def test_foreign_text_cannot_steer_a_terminal() -> None:
    assert words.plain("a\x1b[31m\u202eb\x07\tc\nd\u00e9") == "a\\x1b[31m\\u202eb\\x07\tc\ndé"
