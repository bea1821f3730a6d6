"""Attacks by files of changes to training data, and by code of a bundle that is not what it should be."""

from collections.abc import Callable

import numpy as np
import pytest

from challenges.manifest import Limits
from scoring.job import VerdictCode
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.pool import Pool
from scoring.sandbox.work import Ended, Work
from tests.attacks.attempts import outcomes, script
from tests.scoring.fixtures import Inspect
from tests.scoring.formats.tables import npz
from tests.scoring.formats.test_dataset import csv_of, data_task
from tests.scoring.models import table_task

FILES: list[tuple[str, Callable[[], bytes], set[VerdictCode]]] = [
    ("a field as long as the file", lambda: csv_of("x" * 5_000_000 + ",drop,"), {"unreadable"}),
    ("a quote that never ends", lambda: csv_of('"train-00001,drop,') + b"x" * 2_000_000, {"unreadable"}),
    ("a megabyte of commas", lambda: csv_of("," * 1_000_000), {"unreadable"}),
    ("more rows than there are examples", lambda: csv_of(*["train-00001,drop,"] * 400_000), {
        "over_budget", "duplicate_ids", "too_large"}),
    ("more bytes than are read", lambda: csv_of(*["train-00001,keep,"] * 600_000), {"too_large"}),
    ("an id that climbs", lambda: csv_of("../../../etc/passwd,relabel,../x"), {"unknown_class"}),
    ("a label that is code", lambda: csv_of("train-00001,relabel,__import__('os')"), {"unknown_class"}),
    ("a label that is no number", lambda: csv_of("train-00001,relabel,nan"), {"unknown_class"}),
    ("an action of its own", lambda: csv_of("train-00001,exec,1"), {"over_budget"}),
    ("bytes that are no text", lambda: csv_of() + b"\xff\xfe\xfd,drop,\n", {"unreadable"}),
]  # fmt: skip


@pytest.mark.parametrize(("made", "codes"), [c[1:] for c in FILES], ids=[c[0] for c in FILES])
def test_a_hostile_file_of_changes_is_refused(
    inspect: Inspect, made: Callable[[], bytes], codes: set[VerdictCode]
) -> None:
    verdict = inspect(made(), data_task(), limits=Limits(artefact_mb=64), formats=("dataset",)).verdict
    assert verdict is not None
    assert verdict.fault == "submission"
    assert verdict.code in codes, verdict
    assert len(verdict.model_dump_json()) < 20_000


ATTEMPTS = script(
    """
    attempt("socket", socket.socket)
    attempt("fork", os.fork)
    attempt("program", lambda: call(59, b"/bin/sh", 0, 0))
    attempt("secret", lambda: os.environ["HELDOUT_CANARY"])
    attempt("etc", lambda: os.stat("/etc/passwd"))
    attempt("library", lambda: open("/sp/numpy/evil.py", "w"))
    """
)
ROWS = np.zeros((4, 3), np.float32)
LIMITS = Limits(wall_seconds=60, memory_mb=512)
BUNDLES: dict[BoxKind, Work] = {
    "trainer": Work(
        npz(inputs=ROWS, labels=np.arange(4)),
        LIMITS,
        table_task(),
        ROWS,
        extra={"source": ATTEMPTS, "seed": 0},
    ),
    "metric": Work(
        npz(truth=ROWS, predictions=ROWS),
        LIMITS,
        extra={"source": ATTEMPTS, "file": "metric.py", "resamples": 2},
    ),
}


@pytest.mark.parametrize("kind", BUNDLES)
def test_code_of_a_bundle_is_held_as_any_other(pool: Pool, kind: BoxKind) -> None:
    with pytest.raises(Ended) as caught:
        pool.run(kind, BUNDLES[kind], lambda share: None)
    told = dict(line.split("=") for line in outcomes(caught.value.found))
    assert told == {
        "socket": "EPERM",
        "fork": "EPERM",
        "program": "EPERM",
        "secret": "KeyError",
        "etc": "ENOENT",
        "library": "EROFS",
    }
