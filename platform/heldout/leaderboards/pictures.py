"""What a board looks like over time, against cost, and as a whole: each as a drawing and as a table."""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from heldout.catalog.models import Challenge
from heldout.leaderboards import drawing
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.places import Run, public_runs
from heldout.leaderboards.queries import BoardRow, BoardView, contents, shown_score

BINS = 20


@dataclass(frozen=True)
class Picture:
    """A drawing, what it says in words, and its numbers."""

    name: str
    title: str
    description: str
    svg: str
    header: list[str]
    rows: list[list[str]]

    @property
    def csv(self) -> str:
        """The numbers as a file. Cells that a spreadsheet would take for a formula are marked as text."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(self.header)
        writer.writerows([[_plain(cell) for cell in row] for row in self.rows])
        return file.getvalue()


def _plain(cell: str) -> str:
    is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell and not is_number else cell


def pictures(challenge: Challenge, seen: Sight) -> dict[str, Picture]:
    """All pictures of the board in that sight."""
    view = contents(challenge, seen)
    made: list[Callable[[BoardView, Sight], Picture]] = [over_time, against_cost, distribution]
    return {picture.name: picture for picture in (make(view, seen) for make in made)}


def over_time(view: BoardView, seen: Sight) -> Picture:
    """Each team's best so far on the public split; of the first teams, so that lines can be told apart."""
    leading = [row for row in view.rows if not row.is_baseline][: drawing.SERIES]
    climbs = {row.team_id: (row, []) for row in leading}  # type: dict[int | None, tuple[BoardRow, list[Run]]]
    for run in sorted(public_runs(view.challenge, seen.before), key=lambda run: (run.at, run.number)):
        if run.team in climbs and _is_better(run, climbs[run.team][1], view):
            climbs[run.team][1].append(run)
    title = f"Score over time: {view.challenge.title}"
    words = f"The best public {view.metric_label} so far of the first {len(leading)} teams, over time."
    rows = [
        [row.name, run.at.astimezone(UTC).isoformat(timespec="seconds"), _text(run, view)]
        for row, runs in climbs.values()
        for run in runs
    ]
    svg = drawing.picture(title, words, _climbs(view, [climb for climb in climbs.values() if climb[1]]))
    return Picture("time", title, words, svg, ["team", "handed in (UTC)", view.metric_label], rows)


def _is_better(run: Run, before: list[Run], view: BoardView) -> bool:
    if not math.isfinite(run.score):
        return False
    return not before or (
        (run.score > before[-1].score) is view.higher_is_better and run.score != before[-1].score
    )


def _text(run: Run, view: BoardView) -> str:
    text: str = shown_score(run, view.challenge.bundle.manifest)["score_text"]
    return text


def _climbs(view: BoardView, climbs: list[tuple[BoardRow, list[Run]]]) -> list[str]:
    if not climbs:
        return [drawing.text(drawing.LEFT, 60, "No score yet", "label", drawing.MUTED)]
    times = [run.at.timestamp() for _, runs in climbs for run in runs]
    end = max(times)
    x = drawing.across(min(times), end if end > min(times) else end + 60, thirds=True)
    y = drawing.upwards(*drawing.spaced([*(r.score for _, runs in climbs for r in runs), view.pass_score]))
    zone = view.challenge.event.zone

    def clock(at: float) -> str:
        return f"{datetime.fromtimestamp(at, zone):%d %b %H:%M}"

    parts = [drawing.frame(x, y, clock, "time at the venue", view.metric_label)]
    names: list[float] = []
    for number, (row, runs) in enumerate(climbs):
        points = [(x.at(run.at.timestamp()), y.at(float(_text(run, view)))) for run in runs]
        parts.append(drawing.line(drawing.stairs(points, x.end), f"series series-{number}"))
        names.append(_free(points[-1][1] + 4, names))
        parts.append(
            drawing.text(x.end + 6, names[-1], drawing.short(row.name), f"label name-{number}", drawing.INK)
        )
    return parts


def _free(y: float, taken: list[float]) -> float:
    """The nearest place below where no name stands yet."""
    while any(abs(y - other) < 13 for other in taken):
        y += 13
    return y


def against_cost(view: BoardView, seen: Sight) -> Picture:
    """Score against multiply-adds, on a logarithmic axis, with who is beaten by nobody at the same cost."""
    rows = [row for row in view.rows if row.macs]
    points = [(float(row.macs or 1), row.score, row.name) for row in rows]
    best = drawing.frontier(points, higher_is_better=view.higher_is_better)
    title = f"Score against cost: {view.challenge.title}"
    words = (
        f"{view.metric_label} against multiply-adds of one example, logarithmic, for {len(rows)} models. "
        f"On the line: {len(best)} that none beats at the same cost or a lower one."
    )
    table = [
        [row.name, str(row.macs), "x".join(map(str, row.resolution or [])), row.score_text, _yes(i in best)]
        for i, row in enumerate(rows)
    ]
    header = ["name", "mult-adds", "resolution", view.metric_label, "on the frontier"]
    svg = drawing.picture(title, words, _costs(view, rows, best))
    return Picture("cost", title, words, svg, header, table)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _costs(view: BoardView, rows: list[BoardRow], best: list[int]) -> list[str]:
    if not rows:
        return [drawing.text(drawing.LEFT, 60, "No cost is known yet", "label", drawing.MUTED)]
    costs = [float(row.macs or 1) for row in rows]
    x = drawing.across(min(costs) / 1.5, max(costs) * 1.5, log=True)
    y = drawing.upwards(*drawing.spaced([*(row.score for row in rows), view.pass_score]))
    places = [(x.at(cost), y.at(row.score)) for cost, row in zip(costs, rows, strict=True)]
    parts = [
        drawing.frame(
            x, y, _short, "multiply-adds (logarithmic); larger dots see larger images", view.metric_label
        )
    ]
    parts.append(drawing.line(drawing.stairs([places[i] for i in best], x.end), "frontier", drawing.GOLD))
    for (at_x, at_y), row in zip(places, rows, strict=True):
        kind, colour = ("reference", drawing.MUTED) if row.is_baseline else ("point", drawing.ACCENT)
        parts.append(drawing.dot(at_x, at_y, _radius(row), kind, f"{row.name}: {row.score_text}", colour))
    names: list[float] = []
    for index in best[-drawing.SERIES :]:
        names.append(_free(places[index][1] - 7, names))
        parts.append(
            drawing.text(
                places[index][0] + 6, names[-1], drawing.short(rows[index].name), "label", drawing.INK
            )
        )
    return parts


def _radius(row: BoardRow) -> float:
    """Larger for larger images; the middle where the resolution is not known."""
    side = math.sqrt(math.prod(row.resolution)) if row.resolution else 32
    return min(11.0, max(3.0, 1.2 * math.log2(max(side, 2))))


def _short(value: float) -> str:
    power = int(math.log10(value)) // 3 if value >= 1000 else 0
    return f"{value / 1000**power:g}{['', ' k', ' M', ' G', ' T', ' P'][min(power, 5)]}"


def distribution(view: BoardView, seen: Sight) -> Picture:
    """How many teams have which score, with baselines and the pass line for reference."""
    teams = [row for row in view.rows if not row.is_baseline]
    references = [(row.name, row.score) for row in view.rows if row.is_baseline] + [("pass", view.pass_score)]
    low, high = view.axis
    edges = [low + (high - low) * index / BINS for index in range(BINS + 1)]
    counts = [0] * BINS
    for row in teams:
        place = int((row.score - low) / (high - low) * BINS) if high > low else 0
        counts[min(BINS - 1, max(0, place))] += 1
    title = f"Distribution of scores: {view.challenge.title}"
    words = (
        f"How many of {len(teams)} teams have which {view.metric_label}, beside baselines and the pass line."
    )
    table = [[f"{a:.4g} to {b:.4g}", str(n)] for a, b, n in zip(edges, edges[1:], counts, strict=False) if n]
    table += [[f"reference: {name}", f"{score:.4g}"] for name, score in references]
    svg = drawing.picture(title, words, _columns(view, edges, counts, references))
    return Picture("distribution", title, words, svg, [view.metric_label, "teams"], table)


def _columns(
    view: BoardView, edges: list[float], counts: list[int], references: list[tuple[str, float]]
) -> list[str]:
    x, y = drawing.across(edges[0], edges[-1]), drawing.upwards(0, max(1, *counts), whole=True)
    parts = [drawing.frame(x, y, "{:.4g}".format, view.metric_label, "teams")]
    floor = y.at(0)
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        if count:
            name = f"{count} from {low:.4g} to {high:.4g}"
            parts.append(drawing.bar(x.at(low) + 1, y.at(count), x.at(high) - x.at(low) - 2, floor, name))
    for row, (name, score) in enumerate(sorted(references, key=lambda pair: pair[1])):
        kind = "pass-line" if name == "pass" else "reference-line"
        parts.append(drawing.upright(x.at(score), drawing.short(name, 24), kind, row))
    return parts
