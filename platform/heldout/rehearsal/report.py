"""The report of a rehearsal: one HTML file that needs nothing else, for light and dark."""

from collections.abc import Iterable, Sequence
from html import escape

from heldout.rehearsal.audit import Finding
from heldout.rehearsal.charts import Plot, rates, shares
from heldout.rehearsal.figures import Figures

STEPS = 60
"""Into how many steps the plots of rates divide the event, at most."""
MOST_FINDINGS = 100
STYLE = """
:root { color-scheme: light dark; --ink: #17231f; --soft: #5b6b65; --paper: #fbfcfb; --line: #dce5e1;
  --one: #0b7a52; --two: #b4552d; --fault: #b4552d33; --good: #0b7a52; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4ece8; --soft: #9db0a8; --paper: #111715;
  --line: #2a3531;
  --one: #5bd2a1; --two: #f0a07a; --fault: #f0a07a33; --good: #5bd2a1; --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 58rem;
  margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; } td.number, th.number { text-align: right; }
.verdict { font-size: 1.3rem; font-weight: 650; } .good { color: var(--good); } .bad { color: var(--bad); }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; } svg .grid { stroke: var(--line); }
svg polyline { fill: none; stroke-width: 1.6; } svg .one { stroke: var(--one); }
svg .two { stroke: var(--two); }
svg .fault { fill: var(--fault); }
.key { color: var(--soft); } .key b.one { color: var(--one); } .key b.two { color: var(--two); }
"""


def page(figures: Figures) -> str:
    """The whole report."""
    parts = [
        "<h1>Rehearsal of an event</h1>",
        _verdict(figures),
        _facts(figures),
        "<h2>How it went</h2>",
        _flow(figures),
        _backlog(figures),
        "<h2>How long a submission takes</h2>",
        _waits(figures),
        _formats(figures),
        "<h2>What went wrong on the way</h2>",
        _faults(figures),
        _troubles(figures),
        _findings([*figures.verdict.lost, *figures.verdict.wrong, *figures.verdict.duplicate]),
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Rehearsal of an event</title><style>{STYLE}</style>"
    )
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; numbers stand on the right."""
    lines = []
    kept = list(rows)
    for row in kept:
        cells = "".join(
            f'<td class="number">{cell}</td>'
            if isinstance(cell, int | float)
            else f"<td>{escape(str(cell))}</td>"
            for cell in row
        )
        lines.append(f"<tr>{cells}</tr>")
    right = [isinstance(cell, int | float) for cell in kept[0]] if kept else [False] * len(head)
    names = "".join(
        f'<th scope="col"{" class=number" if is_right else ""}>{escape(name)}</th>'
        for name, is_right in zip(head, right, strict=True)
    )
    rows_text = "".join(lines)
    return f'<div class="wide"><table><thead><tr>{names}</tr></thead><tbody>{rows_text}</tbody></table></div>'


def _verdict(figures: Figures) -> str:
    found = figures.verdict
    words = (
        f"{len(found.lost)} lost, {len(found.wrong)} wrong, {len(found.duplicate)} counted twice: "
        f"{found.standings} standings were made anew from {found.files} files."
    )
    return f'<p class="verdict {"good" if found.clean else "bad"}">{words}</p>'


def _facts(figures: Figures) -> str:
    sizes, played = figures.sizes, figures.played
    states = ", ".join(f"{count} {state}" for state, count in sorted(figures.verdict.states.items()))
    rows = [
        ("Event", f"{sizes.participants} participants in {sizes.teams} teams, {sizes.watchers} watchers"),
        ("Submissions", f"{len(played.ledger.accepted)} accepted of {sizes.submissions} planned: {states}"),
        (
            "Played in",
            f"{played.seconds:.0f} s, planned {sizes.seconds:.0f} s; {figures.per_second:.1f} a second",
        ),
        ("Accepted to its end", f"median {figures.p50:.1f} s, 99 of 100 within {figures.p99:.1f} s"),
        ("Watchers", _watchers(figures)),
        ("Database", figures.database),
        ("Machine", f"{figures.machine}; load in the end {' '.join(f'{load:.1f}' for load in figures.load)}"),
        (
            "Started again",
            ", ".join(f"{n} {c} times" for n, c in sorted(figures.restarts.items())) or "nothing",
        ),
    ]
    return table(("What", "Found"), rows)


def _watchers(figures: Figures) -> str:
    heard = figures.played.watchers.heard
    return (
        f"{heard.events} events heard, {heard.came_back} times one came back, {heard.resyncs} times one was "
        f"told to look again; {figures.played.hushed} not connected in the end"
    )


def _with_faults(plot: Plot, figures: Figures) -> Plot:
    for fault in figures.played.faults.happened:
        plot.band(fault.at, fault.over, f"{fault.what}, {fault.at:.0f} s")
    return plot


def _flow(figures: Figures) -> str:
    until = figures.played.seconds
    width = max(1.0, until / STEPS)
    taken = list(figures.played.ledger.accepted.values())
    came = rates([one.at for one in taken], until, width)
    ended = rates([one.ended for one in taken if one.ended is not None], until, width)
    plot = Plot(until, max(y for _, y in [*came, *ended]) * 1.1, x_label="seconds", y_label="a second")
    plot.line(came, "two", "accepted").line(ended, "one", "ended")
    names = '<b class="two">Accepted</b> and <b class="one">ended</b>'
    key = f'<p class="key">{names} submissions; bars are faults.</p>'
    return key + _with_faults(plot, figures).svg("Submissions accepted and ended a second, over the event")


def _backlog(figures: Figures) -> str:
    points = [(sample.at, float(sample.accepted - sample.ended)) for sample in figures.played.ledger.samples]
    plot = Plot(figures.played.seconds, max((y for _, y in points), default=1) * 1.1, x_label="seconds",
                y_label="submissions")  # fmt: skip
    plot.line(points, "one", "on their way")
    key = '<p class="key"><b class="one">On their way</b>: accepted, and not at their end.</p>'
    return key + _with_faults(plot, figures).svg("Submissions on their way, over the event")


def _waits(figures: Figures) -> str:
    longest = figures.spans[-1] if figures.spans else 1.0
    plot = Plot(longest, 100, x_label="seconds", y_label="percent")
    plot.line(shares(figures.spans), "one", "share that has ended")
    key = '<p class="key"><b class="one">Share</b> of submissions that ended within so many seconds.</p>'
    return key + plot.svg("Share of submissions that ended within a time")


def _formats(figures: Figures) -> str:
    rows = [(row.name, row.count, round(row.p50, 1), round(row.p99, 1)) for row in figures.formats]
    return table(("File", "Submissions", "Median, s", "99 of 100, s"), rows)


def _faults(figures: Figures) -> str:
    happened = figures.played.faults.happened
    rows: list[Sequence[object]] = [
        (
            round(fault.at),
            fault.what,
            round(fault.over - fault.at, 1),
            "none for long" if fault.back is None else f"{fault.back - fault.over:.1f} s",
        )
        for fault in happened
    ]
    words = "".join(
        f"<p>Left out: {escape(name)}, since {escape(why)}.</p>"
        for name, why in figures.played.faults.left_out.items()
    )
    if not rows:
        return f"<p>No fault came.</p>{words}"
    return table(("At, s", "Fault", "Lasted, s", "Next end after it"), rows) + words


def _troubles(figures: Figures) -> str:
    troubles = figures.played.ledger.troubles
    found = [(what, count) for what, count in sorted(troubles.items(), key=lambda item: -item[1])]
    looked = sum(one.by_look for one in figures.played.ledger.accepted.values())
    words = f"<p>{looked} uploads were accepted although their answer was lost.</p>"
    refused = [(tag, why) for tag, why in figures.played.ledger.refused[:MOST_FINDINGS]]
    parts = table(("What the crowd met, and tried again", "Times"), found) if found else ""
    parts += table(("Never accepted", "Why"), refused) if refused else ""
    return words + parts


def _findings(findings: list[Finding]) -> str:
    if not findings:
        return ""
    rows = [(found.what, found.about, found.found, found.expected) for found in findings[:MOST_FINDINGS]]
    return "<h2>What the audit found</h2>" + table(("Fault", "About", "Found", "Expected"), rows)
