"""`heldout demo` itself: what it prints, what it keeps, and that it leaves nothing behind."""

import urllib.request

from tests.end_to_end.running_demo import RunningDemo, running_demo
from tests.processes import wait_until_gone


def test_it_prints_log_ins_for_an_organizer_a_coach_and_two_participants(demo: RunningDemo) -> None:
    assert set(demo.people) == {"Ines", "Tomas", "Ana", "Ben"}
    assert demo.address in demo.printed


def test_a_second_start_keeps_the_data_and_ctrl_c_leaves_no_process(demo: RunningDemo) -> None:
    """On a copy of the database, for the shared demo goes on."""
    copy = demo.var.parent / "copy"
    copy.mkdir()
    for name in ("heldout.sqlite3", "heldout.sqlite3-wal", "demo.json", "secret_key"):
        if (demo.var / name).exists():
            (copy / name).write_bytes((demo.var / name).read_bytes())
    for folder in ("blobs", "hidden"):
        (copy / folder).symlink_to(demo.var / folder)
    with running_demo(copy) as second:
        assert second.people == demo.people
        with urllib.request.urlopen(f"{second.address}/accounts/login/") as page:  # noqa: S310
            assert page.status == 200
        started = second.descendants()
        assert len(started) >= 4
        assert second.interrupt() == 0
        wait_until_gone(*started)
