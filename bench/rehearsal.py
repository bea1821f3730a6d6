"""Plays three days of an event within minutes, with faults on the way, and checks every standing afterwards.

    python -m bench.rehearsal [--quick] [--submissions 5000] [--minutes 10] ...

The options are those of `heldout rehearse-event`. The last line is one JSON object: lost, wrong, duplicate,
p50_s and p99_s, the seconds from an accepted upload to its end.
"""

import typer

from heldout.rehearsal.cli import rehearse_event

if __name__ == "__main__":
    typer.run(rehearse_event)
