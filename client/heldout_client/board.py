"""A challenge's board as the site last told of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from heldout_client import html
from heldout_client.words import scores

HEADS = ("rank", "team", "score", "95 % interval", "submissions", "")


class Board:
    """The rows of a challenge's board, best first. Scores have the digits that their intervals support."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        self.challenge: str = told["challenge"]
        self.metric: str = told["metric"]
        self.higher_is_better: bool = told["higher_is_better"]
        self.pass_score: float = told["pass_score"]
        self.frozen_since: str | None = told.get("frozen_since")
        self.rows: list[dict[str, Any]] = list(told["rows"])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def mine(self) -> dict[str, Any] | None:
        """The row of your own team, if it is there."""
        return next((row for row in self.rows if row["is_mine"]), None)

    @property
    def teams(self) -> int:
        """How many teams have a rank."""
        return sum(row["rank"] is not None for row in self.rows)

    def tied_with(self, row: Mapping[str, Any]) -> list[str]:
        """The other teams of the same tie band: they share its rank."""
        same = [other for other in self.rows if other["rank"] == row["rank"] is not None]
        return [other["name"] for other in same if other["team_id"] != row["team_id"]]

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as plain dictionaries, such as `pandas.DataFrame` takes."""
        return [dict(row) for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """All that the site told."""
        return dict(self._told)

    @property
    def title(self) -> str:
        """What stands above the rows."""
        better = "higher" if self.higher_is_better else "lower"
        frozen = f"; frozen since {self.frozen_since}" if self.frozen_since else ""
        return f"{self.challenge}: {self.metric}, {better} is better, pass at {self.pass_score:g}{frozen}"

    def cells(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """A row as it is shown."""
        marks = [
            "passed" if row["passed"] and not row["is_baseline"] else "",
            "you" if row["is_mine"] else "",
            "baseline" if row["is_baseline"] else "",
        ]
        rank = "" if row["rank"] is None else f"{row['rank']}{'=' if row['tied'] else ''}"
        return (
            rank,
            row["name"],
            row["score_text"],
            " to ".join(scores(row["score"], row["low"], row["high"])[1:]),
            "" if row["is_baseline"] else str(row["submissions"]),
            ", ".join(filter(None, marks)),
        )

    def __repr__(self) -> str:
        lines = [self.title]
        lines += [
            f"{rank:>5} {name:<28} {score:>8}  ({interval}){'  ' + marks if marks else ''}"
            for rank, name, score, interval, _, marks in map(self.cells, self.rows)
        ]
        return "\n".join(lines if self.rows else [*lines, "  nobody yet"])

    def _repr_html_(self) -> str:
        own = [number for number, row in enumerate(self.rows) if row["is_mine"]]
        note = "= shares its rank: not significantly different from the best of it."
        tied = any(row["tied"] for row in self.rows)
        return html.table(self.title, HEADS, map(self.cells, self.rows), own, note if tied else "")
