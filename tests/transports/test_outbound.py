"""The buffer between a call and its peer."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from gateway.transports.outbound import LIVE_LIMIT_MS, MAX_MESSAGES, PAUSE_ABOVE_MS, Message, Outbound


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, 5))


def test_messages_leave_in_order_and_run_ends_when_closed() -> None:
    async def scenario() -> None:
        outbound, sent = Outbound(live=True), []

        async def send(message: Message) -> None:
            sent.append(message)
            if message == b"b":
                outbound.put("late")
                outbound.close()

        for message in ("a", b"b", "c"):
            outbound.put(message, 20.0)
        await outbound.run(send)
        assert sent == ["a", b"b", "c", "late"]
        assert not outbound.overrun.is_set()
        assert outbound.most_ms == 60.0

    run(scenario())


def test_a_live_peer_that_does_not_read_overruns() -> None:
    async def scenario() -> None:
        outbound = Outbound(live=True)
        outbound.put(b"a", 5 * LIVE_LIMIT_MS)
        assert not outbound.overrun.is_set(), "one message may be of any length"
        outbound.put(b"b", 20.0)
        assert outbound.overrun.is_set()
        await outbound.wait_low()

    run(scenario())


def test_an_elastic_peer_has_two_water_marks() -> None:
    async def scenario() -> None:
        outbound = Outbound(live=False)
        outbound.put(b"a", PAUSE_ABOVE_MS)
        await outbound.wait_low()
        outbound.put(b"b", 500.0)
        waiting = asyncio.create_task(outbound.wait_low())
        low_after: list[Message] = []

        async def send(message: Message) -> None:
            await asyncio.sleep(0)
            if not waiting.done():
                low_after.append(message)

        outbound.put(b"c", 800.0)
        outbound.close()
        await outbound.run(send)
        await waiting
        assert not outbound.overrun.is_set()
        assert low_after == [b"a", b"b"]

    run(scenario())


def test_texts_are_bounded_too() -> None:
    async def scenario() -> None:
        for live in (True, False):
            outbound = Outbound(live=live)
            for _ in range(MAX_MESSAGES):
                outbound.put("{}")
            assert not outbound.overrun.is_set()
            outbound.put("{}")
            assert outbound.overrun.is_set()

    run(scenario())
