"""The live driver, on the event loop's own clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from gateway.asr.scripted import ScriptedRecognizer
from gateway.core.detection import Detection
from gateway.core.events import AudioReleased, SessionEnded, Warned
from gateway.core.hypothesis import Hypothesis
from gateway.core.policy import Policy
from gateway.core.session import Session
from gateway.core.settings import Pace, SessionSettings
from gateway.errors import BadMessage, EngineError, PolicyViolation
from gateway.runtime.live import Delivery, LiveSession, PeerFault
from gateway.workers.host import DetectionJob, RecognitionHost, RecognitionJob
from tests.core.virtual_call import DigitRuns

RATE = 8000
FRAME = bytes(2 * RATE // 50)


class HereAndNow:
    """Recognition in this process."""

    def __init__(self) -> None:
        self.host = RecognitionHost(ScriptedRecognizer())
        self.closed: list[str] = []

    async def recognize(self, job: RecognitionJob) -> tuple[Hypothesis, ...]:
        return self.host.recognize([job])[0]

    async def detect(self, job: DetectionJob) -> tuple[Detection, ...]:
        return tuple(DigitRuns().detect(utterance) for utterance in job.utterances)

    def close(self, session: str) -> None:
        self.closed.append(session)


class Failing(HereAndNow):
    """Recognition that never works."""

    async def recognize(self, job: RecognitionJob) -> tuple[Hypothesis, ...]:
        raise EngineError("out of order")


def settings(pace: Pace) -> SessionSettings:
    return SessionSettings(frozenset(Policy), sample_rate=RATE, lookahead_ms=500, pace=pace)


async def frames(count: int, every: float = 0.0) -> AsyncIterator[Sequence[bytes]]:
    for _ in range(count):
        yield [FRAME]
        await asyncio.sleep(every)


def run(inbound: AsyncIterator[Sequence[bytes]], pace: Pace, recognition: HereAndNow) -> list[Delivery]:
    delivered: list[Delivery] = []

    async def main() -> None:
        await LiveSession(Session(settings(pace)), recognition, delivered.append).run(inbound)

    try:
        asyncio.run(main())
    finally:
        assert len(recognition.closed) == 1
    return delivered


def audio(delivered: list[Delivery]) -> bytes:
    return b"".join(output.frames[0] for output in delivered if isinstance(output, AudioReleased))


def test_an_elastic_session_ends_as_soon_as_it_is_decided():
    delivered = run(frames(500), Pace.ELASTIC, HereAndNow())
    assert audio(delivered) == FRAME * 500
    assert isinstance(delivered[-1], SessionEnded)


@pytest.mark.slow
def test_a_live_session_keeps_its_delay():
    delivered = run(frames(20, 0.02), Pace.REALTIME, HereAndNow())
    assert audio(delivered) == FRAME * 20
    ended = delivered[-1]
    assert isinstance(ended, SessionEnded)
    assert ended.statistics.added_delay_p50_ms >= 500


@pytest.mark.slow
def test_without_recognition_everything_leaves_covered():
    delivered = run(frames(20, 0.02), Pace.REALTIME, Failing())
    assert len(audio(delivered)) == 20 * len(FRAME)
    assert not any(frame == FRAME for frame in [audio(delivered)])
    ended = delivered[-1]
    assert isinstance(ended, SessionEnded)
    assert ended.statistics.covered_late_ms == 400
    assert any(isinstance(output, Warned) for output in delivered)


@pytest.mark.slow
def test_a_peer_s_fault_is_told_at_once_and_what_came_before_still_leaves():
    async def broken() -> AsyncIterator[Sequence[bytes]]:
        async for frame in frames(5, 0.02):
            yield frame
        raise BadMessage("not understood")

    recognition = HereAndNow()
    delivered: list[Delivery] = []

    async def main() -> None:
        await LiveSession(Session(settings(Pace.REALTIME)), recognition, delivered.append).run(broken())

    with pytest.raises(BadMessage):
        asyncio.run(main())
    fault = [isinstance(output, PeerFault) for output in delivered].index(True)
    assert not any(isinstance(output, AudioReleased) for output in delivered[:fault])
    assert audio(delivered) == FRAME * 5
    assert isinstance(delivered[-1], SessionEnded)


@pytest.mark.slow
def test_a_peer_that_runs_ahead_is_at_fault():
    with pytest.raises(PolicyViolation):
        run(frames(100), Pace.REALTIME, HereAndNow())


def test_a_fault_of_our_own_ends_the_session_with_its_cause():
    class Broken(HereAndNow):
        async def detect(self, job):
            raise ZeroDivisionError

    async def main() -> None:
        live = LiveSession(Session(settings(Pace.ELASTIC)), Broken(), lambda output: None)
        await live.run(frames(50))

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())


def test_a_call_that_is_cut_off_frees_its_streams():
    recognition = HereAndNow()

    async def main() -> None:
        live = LiveSession(Session(settings(Pace.REALTIME)), recognition, lambda output: None)
        task = asyncio.create_task(live.run(frames(1000, 0.02)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert len(recognition.closed) == 1
