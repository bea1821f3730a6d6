"""The boards as a participant is shown them, and whether they say what the raw files say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpx

from heldout.leaderboards.rules import digits
from heldout.rehearsal.audit import Expected, Finding, Team, number_of
from heldout.rehearsal.stage import Stage

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Shown:
    """A team's row on a board."""

    score: float
    tries: int


def shown(stage: Stage, address: str) -> list[tuple[Team, Shown]]:
    """Every team's row of every board, by the API. Raises `httpx.HTTPError`."""
    rows = []
    headers = {"Authorization": f"Bearer {stage.people[0].token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_SECONDS) as client:
        for slug in stage.challenges:
            answer = client.get(f"/api/v1/events/{stage.event}/challenges/{slug}/board")
            answer.raise_for_status()
            for row in answer.json()["rows"]:
                if not row["is_baseline"]:
                    rows.append(((slug, number_of(row["name"])), Shown(row["score"], row["submissions"])))
    return rows


def wrongly_shown(rows: Iterable[tuple[Team, Shown]], expected: Mapping[Team, Expected]) -> Iterable[Finding]:
    """Rows that are not as they follow from the files, with the decimals that their interval supports."""
    left = dict(expected)
    for team, row in rows:
        about = f"the board's row of team {team[1]} on {team[0]}"
        follows = left.pop(team, None)
        if follows is None:
            yield Finding("wrong", about, "a row", "none, or one only")
            continue
        score = follows.score
        should = Shown(round(score.value, digits(score.low, score.high)), follows.count)
        if row != should:
            yield Finding("wrong", about, str(row), str(should))
    for slug, number in left:
        yield Finding("wrong", f"the board's row of team {number} on {slug}", "none", "a row")
