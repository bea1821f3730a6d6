"""How long a busy site is waited for."""

from datetime import UTC, datetime

import pytest

from heldout_client.retrying import LONGEST_PAUSE, Patience, seconds_of

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Thu, 26 Nov 2026 12:00:30 GMT", 30.0),
        ("Thu, 26 Nov 2026 11:59:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_site_asks_for_is_understood(said: str | None, seconds: float | None) -> None:
    assert seconds_of(said, NOW) == seconds


def test_pauses_double_until_patience_ends() -> None:
    pauses: list[float] = []
    patience = Patience(100, pauses.append)
    while patience.rested():
        pass
    assert pauses[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert max(pauses) <= LONGEST_PAUSE and sum(pauses) <= 100


def test_a_site_is_not_asked_before_it_wants_to_be() -> None:
    pauses: list[float] = []
    patience = Patience(60, pauses.append)
    assert patience.rested("25") and patience.rested("25")
    assert not patience.rested("25")
    assert pauses == [25.0, 25.0]


def test_a_site_that_always_says_now_is_not_asked_for_ever() -> None:
    pauses: list[float] = []
    patience = Patience(5, pauses.append)
    while patience.rested("0"):
        assert len(pauses) <= 10
