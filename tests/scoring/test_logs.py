"""How a line of the log looks, and what it says it is about."""

import json
import logging

import pytest

from scoring.logs import Json, Lines, UnknownFormat, about, configuration


def record(message: str, *, error: BaseException | None = None) -> logging.LogRecord:
    told = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("scoring.worker", logging.INFO, "file", 1, message, (), told)


def test_json_says_what_the_line_is_about() -> None:
    with about(request="r", submission="s"), about(attempt="a", nothing=""):
        line = json.loads(Json().format(record("scoring begins")))
    assert line["message"] == "scoring begins"
    assert (line["level"], line["logger"]) == ("INFO", "scoring.worker")
    assert (line["request"], line["submission"], line["attempt"]) == ("r", "s", "a")
    assert "nothing" not in line


def test_after_the_block_a_line_is_about_nothing() -> None:
    with pytest.raises(ZeroDivisionError), about(attempt="a"):
        raise ZeroDivisionError
    assert "attempt" not in json.loads(Json().format(record("idle")))


@pytest.mark.parametrize("words", ["two\nlines", 'a "quote"', "\x1b[31mred", "\u2028"])
def test_nothing_that_is_logged_makes_a_second_line(words: str) -> None:
    line = Json().format(record(words))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["message"] == words


def test_json_holds_the_whole_of_an_exception_in_one_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        line = Json().format(record("failed", error=error))
    assert "\n" not in line
    assert "ValueError: broken" in json.loads(line)["exception"]


def test_a_line_for_a_person_ends_with_what_it_is_about() -> None:
    with about(submission="s"):
        assert Lines("%(message)s").format(record("it waits")) == "it waits [submission=s]"
    assert Lines("%(message)s").format(record("it waits")) == "it waits"


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(UnknownFormat, match="HELDOUT_LOG_FORMAT is 'xml'; expected line or json"):
        configuration("INFO", "xml")
