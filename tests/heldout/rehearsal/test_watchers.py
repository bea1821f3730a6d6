"""Those who watch hear every word, and stop when they are told to."""

import asyncio

from heldout.rehearsal.ledger import Ledger
from heldout.rehearsal.watchers import Watchers


def test_what_a_stream_says_is_counted() -> None:
    watchers = Watchers(["http://127.0.0.1:1"], "/live/", Ledger())

    async def hear() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(b": hello\n\nid: 7\nevent: board-first-steps\ndata: {}\n\nid: 8\nevent: resync\n\n")
        reader.feed_eof()
        await watchers._hear(3, reader)

    asyncio.run(hear())
    assert (watchers.heard.events, watchers.heard.resyncs) == (2, 1)
    assert (list(watchers.boards_heard), watchers._last) == ([3], {3: "8"})


def test_a_watcher_who_is_told_to_stop_while_a_line_arrives_stops() -> None:
    watchers = Watchers(["http://127.0.0.1:1"], "/live/", Ledger())

    async def stop() -> bool:
        reader = asyncio.StreamReader()
        hearing = asyncio.create_task(watchers._hear(3, reader))
        await asyncio.sleep(0)
        reader.feed_data(b"event: board-first-steps\n")
        hearing.cancel()
        done, _ = await asyncio.wait([hearing], timeout=10)
        return hearing in done and hearing.cancelled()

    assert asyncio.run(stop())
