"""Signs of life: they are sent beside the work and never hold it up."""

import threading
from uuid import uuid4

from scoring.job import Progress
from scoring.reporting import Reporter, repeating


def test_a_broker_that_hangs_does_not_hold_up_a_run() -> None:
    called, answered = threading.Event(), threading.Event()

    def hang(progress: Progress) -> None:
        called.set()
        answered.wait(60)

    reporter = Reporter("bench-1", hang)

    def attempt() -> None:
        with reporter.attempt(uuid4()) as report:
            called.wait(30)
            report("predicting", 0.5)

    run = threading.Thread(target=attempt, daemon=True)
    run.start()
    run.join(30)
    held_up = run.is_alive()
    answered.set()
    assert called.is_set()
    assert not held_up


def test_the_last_word_of_a_stage_is_heard() -> None:
    heard: list[Progress] = []
    arrived = threading.Event()

    def hear(progress: Progress) -> None:
        heard.append(progress)
        if progress.stage == "predicting":
            arrived.set()

    attempt = uuid4()
    with Reporter("bench-1", hear).attempt(attempt) as report:
        report("predicting", 0.5)
        assert arrived.wait(30)
    assert {(progress.attempt, progress.worker) for progress in heard} == {(attempt, "bench-1")}
    assert heard[-1].fraction == 0.5


def test_a_sign_that_hangs_does_not_hold_up_the_end() -> None:
    answered = threading.Event()

    def hang() -> None:
        answered.wait(60)

    def work() -> None:
        with repeating(hang, 0.1, "a sign"):
            pass

    run = threading.Thread(target=work, daemon=True)
    run.start()
    run.join(30)
    held_up = run.is_alive()
    answered.set()
    assert not held_up
