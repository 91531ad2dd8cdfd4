"""The worker process: answers, failures, and what happens when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest
import uvloop

from gateway.asr.base import Recognizer
from gateway.core.detection import Detection, Token, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.errors import EngineError, WorkerLost
from gateway.workers import client as client_module
from gateway.workers.client import WorkerClient
from gateway.workers.host import DetectionJob, RecognitionHost, RecognitionJob
from gateway.workers.worker import Models
from tests.workers import failing

pytestmark = pytest.mark.slow


def job(session: str = "a", start: int = 0, samples: int = 4800, *, fresh: bool = False, final: bool = False):
    return RecognitionJob(session, 8000, 500, start, (np.zeros(samples, np.int16),) * 2, fresh, final)


@asynccontextmanager
async def worker(create: Callable[[], Recognizer]) -> AsyncIterator[WorkerClient]:
    client = WorkerClient(Models(create, failing.nothing_found))
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


def test_jobs_are_answered_in_the_session_s_own_time():
    async def main() -> None:
        async with worker(failing.working) as client:
            assert client.ready
            assert client.capabilities is not None
            first, second = await asyncio.gather(
                client.recognize(job("a", fresh=True)), client.recognize(job("b", start=800, fresh=True))
            )
            assert [hypothesis.heard_until for hypothesis in first] == [4800, 4800]
            assert [hypothesis.heard_until for hypothesis in second] == [5600, 5600]
            (again, _) = await client.recognize(job("a", start=4800))
            assert again.heard_until == 9600
            client.close("a")
            (anew, _) = await client.recognize(job("a", start=9600, fresh=True))
            assert anew.heard_until == 14400

    asyncio.run(main())


def test_a_killed_worker_is_replaced_and_its_jobs_are_lost():
    async def main() -> None:
        async with worker(failing.working) as client:
            first = client.pid
            assert first is not None
            os.kill(first, signal.SIGSTOP)
            waiting = asyncio.create_task(client.recognize(job(fresh=True)))
            await asyncio.sleep(0)
            os.kill(first, signal.SIGKILL)
            with pytest.raises(WorkerLost):
                await waiting
            (after, _) = await client.recognize(job(start=4800, fresh=True))
            assert after.heard_until == 9600
            assert client.pid != first
            assert client.restarts == 1

    asyncio.run(main())


def test_more_jobs_than_the_pipe_holds_are_all_answered():
    """On uvloop, which makes the file descriptors it watches non-blocking."""

    async def main() -> None:
        async with worker(failing.working) as client:
            assert client.pid is not None
            os.kill(client.pid, signal.SIGSTOP)
            waiting = [
                asyncio.create_task(client.recognize(job(str(number), samples=40_000, fresh=True)))
                for number in range(20)
            ]
            await asyncio.sleep(0)
            os.kill(client.pid, signal.SIGCONT)
            answers = await asyncio.gather(*waiting)
            assert [answer[0].heard_until for answer in answers] == [40_000] * 20
            assert client.restarts == 0

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_a_session_whose_worker_died_between_two_steps_is_told():
    async def main() -> None:
        async with worker(failing.working) as client:
            await client.recognize(job(fresh=True))
            first = client.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            with pytest.raises((EngineError, WorkerLost)):
                await client.recognize(job(start=4800))
            (again, _) = await client.recognize(job(start=4000, samples=5600, fresh=True))
            assert again.heard_until == 9600

    asyncio.run(main())


def test_a_worker_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_module, "JOB_TIMEOUT_S", 0.2)

    async def main() -> None:
        async with worker(failing.hanging) as client:
            first = client.pid
            with pytest.raises(WorkerLost, match="in time"):
                await client.recognize(job(fresh=True))
            with pytest.raises(WorkerLost):
                await client.recognize(job(fresh=True))
            assert client.pid != first

    asyncio.run(main())


def test_a_failure_of_the_recogniser_tells_its_type_and_nothing_that_was_said():
    async def main() -> None:
        async with worker(failing.raising) as client:
            with pytest.raises(EngineError) as caught:
                await client.recognize(job(fresh=True))
            assert str(caught.value) == "the worker failed with ZeroDivisionError"
            assert client.ready

    asyncio.run(main())


SAID = DetectionJob(DetectionSettings(frozenset({Policy.DATE})), (Utterance((Token("hello"),)), Utterance(())))


def test_findings_come_from_the_worker_too():
    async def main() -> None:
        async with worker(failing.working) as client:
            assert await client.detect(SAID) == (Detection(), Detection())

    asyncio.run(main())


def test_a_failure_of_a_detector_leaves_the_worker_and_its_streams():
    async def main() -> None:
        client = WorkerClient(Models(failing.working, failing.stumbling))
        await client.start()
        try:
            await client.recognize(job(fresh=True))
            with pytest.raises(EngineError) as caught:
                await client.detect(SAID)
            assert str(caught.value) == "the worker failed with ZeroDivisionError"
            (again, _) = await client.recognize(job(start=4800))
            assert again.heard_until == 9600
        finally:
            await client.stop()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("create", "reason"),
    [(failing.without_a_model, "the model is missing"), (failing.dying_at_start, "before its model was loaded")],
)
def test_a_worker_that_cannot_start_says_why(create: Callable[[], Recognizer], reason: str):
    async def main() -> None:
        client = WorkerClient(Models(create, failing.nothing_found))
        with pytest.raises(EngineError, match=reason):
            await client.start()
        await client.stop()

    asyncio.run(main())


def test_a_host_keeps_the_streams_of_sessions_apart():
    host = RecognitionHost(failing.working())
    (one, other) = host.recognize([job("a", fresh=True), job("b", start=100, fresh=True)])
    assert one[0].heard_until == 4800
    assert other[1].heard_until == 4900
    (last,) = host.recognize([job("a", start=4800, samples=10, final=True)])
    assert last[0].stable_until == last[0].heard_until == 4810
    assert not host.answerable(job("a", start=4810))
    (fresh,) = host.recognize([job("a", start=0, fresh=True)])
    assert fresh[0].heard_until == 4800
    host.close("nobody")
