"""A call's record and its score: what came back as it was sent leaks, what is covered does not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from gateway.core.policy import parse_policies
from gateway.core.settings import SessionSettings
from gateway.evaluation.figures import CoveredSpan
from gateway.media.timeline import Span
from loadtest.baseline import Leaks
from loadtest.call import CallRecord, CallTimes, Meters, Refusal, place_call
from loadtest.conversation import Library
from loadtest.devsets import SetName, load_sets
from loadtest.network import Network
from loadtest.scenario import CallPlan, Scenario, Timetable, call_kinds, plan_line
from loadtest.scoring import heard, late_in, score_call, spoken

LIBRARY = Library(load_sets([SetName.SAMPLE]))
SETTINGS = SessionSettings(parse_policies("all"), lookahead_ms=500)


def plan_of(scenario: Scenario, length_s: float = 40.0, network: Network | None = None) -> CallPlan:
    kind = call_kinds(scenario, SETTINGS, network or Network())[0]
    return plan_line(0, kind, Timetable(0.0, length_s, length_s, 0.0), LIBRARY, 0.45, 7)[0]


def record_of(plan: CallPlan) -> CallRecord:
    samples = plan.conversation.length_ms * plan.kind.settings.sample_rate // 1000
    return CallRecord(0, 0, 0.0, sent=samples, received=samples, counted_ms=plan.counted_ms, close_code=1000)


def test_what_comes_back_as_it_was_sent_leaks() -> None:
    plan = plan_of(Scenario.TELEPHONE)
    leaks = Leaks.of(score_call(LIBRARY, plan, record_of(plan), plan.counted_ms))
    assert leaks.labelled_ms > 0
    assert leaks.leaked_share == 1.0
    assert leaks.other_covered_share == 0.0


def test_silence_everywhere_covers_all_of_it() -> None:
    plan = plan_of(Scenario.CAPTIONS)
    record = record_of(plan)
    record.changed[0] = bytes(record.sent * 2)
    record.redactions.append(CoveredSpan(0, 0, plan.conversation.length_ms, None))
    scored = score_call(LIBRARY, plan, record, plan.counted_ms)
    assert Leaks.of(scored).leaked_share == 0.0
    assert scored.late_ms == scored.longest_late_ms == plan.conversation.length_ms
    assert scored.score.audio.unreported_samples == 0


def test_talk_is_counted_inside_the_window_only() -> None:
    plan = plan_of(Scenario.TELEPHONE)
    half = plan.conversation.length_ms // 2
    whole, first, second = (
        score_call(LIBRARY, plan, record_of(plan), window).talk_ms
        for window in ((0, 2 * half), (0, half), (half, 2 * half))
    )
    assert whole == first + second


def test_lost_messages_are_silence_in_what_was_sent() -> None:
    plan = plan_of(Scenario.WEBRTC, 6.0)
    record = record_of(plan)
    record.lost.append(48_000)
    audio = spoken(LIBRARY, plan, record)
    assert not audio[48_000 : 48_000 + 960].any()
    np.testing.assert_array_equal(heard(audio, plan, record), audio)


def test_stretches_that_touch_are_one() -> None:
    spans = [CoveredSpan(0, 100, 200, None), CoveredSpan(0, 200, 260, None), CoveredSpan(1, 0, 900, None)]
    spans.append(CoveredSpan(0, 260, 400, "person_name"))
    assert late_in(spans, 0, Span(0, 1000)) == [160]
    assert late_in(spans, 0, Span(150, 1000)) == [110]


async def _gateway(connection: ServerConnection) -> None:
    """Sends every message back after the lookahead, as a gateway that redacts nothing."""
    coming: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def answer() -> None:
        while (audio := await coming.get()) is not None:
            await connection.send(audio)
        statistics = {"audio_ms": 400, "steps": 1, "covered_late_ms": 0, "overdue_ms": 0}
        await connection.send(json.dumps({"type": "done", "statistics": statistics}))
        await connection.close()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(answer())
        loop = asyncio.get_running_loop()
        async for message in connection:
            loop.call_later(0.1, coming.put_nowait, message if isinstance(message, bytes) else None)


def _place(plan: CallPlan, refuse: Iterable[tuple[str, str]] | None = None) -> tuple[CallRecord | Refusal, Meters]:
    def turned_away(connection: ServerConnection, request: Request) -> Response | None:
        return None if refuse is None else Response(503, "Service Unavailable", Headers(refuse), b"")

    async def run() -> tuple[CallRecord | Refusal, Meters]:
        now = time.monotonic()
        meters = Meters(now, now + 60)
        async with serve(_gateway, "127.0.0.1", 0, process_request=turned_away) as server:
            port = server.sockets[0].getsockname()[1]
            times = CallTimes(now, now, now + 60)
            answer = await place_call(f"ws://127.0.0.1:{port}", plan, times, LIBRARY, meters, asyncio.Event())
        return answer, meters

    return asyncio.run(run())


def _short(plan: CallPlan, ms: int) -> CallPlan:
    conversation = type(plan.conversation)(ms, plan.conversation.pieces, ())
    return CallPlan(0, 0, plan.kind, 0.0, conversation, 1, (0, ms))


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [Scenario.TELEPHONE, Scenario.WEBRTC, Scenario.CAPTIONS])
def test_a_call_measures_the_delay_of_every_frame(scenario: Scenario) -> None:
    record, meters = _place(_short(plan_of(scenario), 400))
    assert isinstance(record, CallRecord)
    assert record.whole
    assert not record.changed
    assert meters.added_delay.total == 20
    middle = meters.delay_from_sending.quantile(0.5)
    assert middle is not None
    assert 90 < middle < 190
    assert meters.send_lateness.total == 400 // (100 if scenario is Scenario.CAPTIONS else 20)


@pytest.mark.slow
def test_lost_packets_are_sent_as_silence() -> None:
    plan = _short(plan_of(Scenario.WEBRTC, network=Network(loss=0.5)), 400)
    record, _ = _place(plan)
    assert isinstance(record, CallRecord)
    assert record.whole
    assert record.lost
    assert not record.changed


@pytest.mark.parametrize(("headers", "wait"), [([("Retry-After", "2")], 2.0), ([], None)])
def test_a_refusal_is_measured(headers: list[tuple[str, str]], wait: float | None) -> None:
    refusal, _ = _place(plan_of(Scenario.TELEPHONE), headers)
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.retry_after_s) == (503, wait)
    assert 0 < refusal.took_ms < 20_000
