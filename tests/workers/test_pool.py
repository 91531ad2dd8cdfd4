"""Workers in processes of their own: answers, failures, and what happens when one is killed, hangs or grows."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import numpy as np
import psutil
import pytest
import uvloop

from gateway.asr.base import Recognizer
from gateway.core.detection import Detection, Detector, Token, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.errors import EngineError, WorkerLost
from gateway.workers import link as link_module
from gateway.workers.forkserver import Models
from gateway.workers.host import DetectionJob, RecognitionHost, RecognitionJob
from gateway.workers.link import Loss
from gateway.workers.pool import WorkerPool
from tests.workers import failing

pytestmark = pytest.mark.slow


def job(session: str = "a", start: int = 0, samples: int = 4800, *, fresh: bool = False, final: bool = False):
    return RecognitionJob(session, 8000, 500, start, (np.zeros(samples, np.int16),) * 2, fresh, final, due=1e9)


MEMORY = 1 << 30


@asynccontextmanager
async def workers(
    create: Callable[[], Recognizer],
    size: int = 1,
    detector: Callable[[DetectionSettings], Detector] = failing.nothing_found,
    memory: int = MEMORY,
) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(Models(create, detector, failing.costs_nothing), size, memory)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def test_jobs_are_answered_in_the_session_s_own_time():
    async def main() -> None:
        async with workers(failing.working) as pool:
            assert pool.ready
            assert pool.capabilities is not None
            first, second = await asyncio.gather(
                pool.recognize(job("a", fresh=True)), pool.recognize(job("b", start=800, fresh=True))
            )
            assert [hypothesis.heard_until for hypothesis in first] == [4800, 4800]
            assert [hypothesis.heard_until for hypothesis in second] == [5600, 5600]
            (again, _) = await pool.recognize(job("a", start=4800))
            assert again.heard_until == 9600
            pool.close("a")
            (anew, _) = await pool.recognize(job("a", start=9600, fresh=True))
            assert anew.heard_until == 14400

    asyncio.run(main())


def test_a_killed_worker_is_replaced_and_its_jobs_are_lost():
    async def main() -> None:
        async with workers(failing.working) as pool:
            (first,) = pool.pids
            os.kill(first, signal.SIGSTOP)
            waiting = asyncio.create_task(pool.recognize(job(fresh=True)))
            await asyncio.sleep(0)
            os.kill(first, signal.SIGKILL)
            with pytest.raises(WorkerLost):
                await waiting
            (after, _) = await pool.recognize(job(start=4800, fresh=True))
            assert after.heard_until == 9600
            assert pool.pids != [first]
            assert pool.losses == {Loss.DIED: 1}

    asyncio.run(main())


def test_more_jobs_than_the_pipe_holds_are_all_answered():
    """On uvloop, which makes the file descriptors it watches non-blocking."""

    async def main() -> None:
        async with workers(failing.working) as pool:
            (pid,) = pool.pids
            os.kill(pid, signal.SIGSTOP)
            waiting = [
                asyncio.create_task(pool.recognize(job(str(number), samples=40_000, fresh=True)))
                for number in range(20)
            ]
            await asyncio.sleep(0)
            os.kill(pid, signal.SIGCONT)
            answers = await asyncio.gather(*waiting)
            assert [answer[0].heard_until for answer in answers] == [40_000] * 20
            assert not pool.losses

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_a_session_whose_worker_died_between_two_steps_is_told():
    async def main() -> None:
        async with workers(failing.working) as pool:
            await pool.recognize(job(fresh=True))
            (first,) = pool.pids
            os.kill(first, signal.SIGKILL)
            with pytest.raises((EngineError, WorkerLost)):
                await pool.recognize(job(start=4800))
            (again, _) = await pool.recognize(job(start=4000, samples=5600, fresh=True))
            assert again.heard_until == 9600

    asyncio.run(main())


def test_a_worker_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(link_module, "SILENCE_S", 0.8)

    async def main() -> None:
        async with workers(failing.hanging) as pool:
            (first,) = pool.pids
            with pytest.raises(WorkerLost):
                await pool.recognize(job(fresh=True))
            with pytest.raises(WorkerLost):
                await pool.recognize(job(fresh=True))
            assert first not in pool.pids
            assert pool.losses[Loss.SILENT]

    asyncio.run(main())


def test_a_worker_that_grows_too_big_is_replaced():
    async def main() -> None:
        async with workers(failing.working, memory=1 << 20) as pool:
            async with asyncio.timeout(10):
                while not pool.losses[Loss.MEMORY]:  # noqa: ASYNC110 - the pool tells nobody
                    await asyncio.sleep(0.01)

    asyncio.run(main())


def test_sessions_are_spread_over_the_workers_and_survive_the_loss_of_one():
    async def main() -> None:
        async with workers(failing.working, size=2) as pool:
            names = ["a", "b", "c", "d"]
            for name in names:
                await pool.recognize(job(name, fresh=True))
            os.kill(pool.pids[0], signal.SIGKILL)

            async def next_step(name: str) -> bool:
                try:
                    (heard, _) = await pool.recognize(job(name, start=4800))
                except WorkerLost:
                    (heard, _) = await pool.recognize(job(name, start=4000, samples=5600, fresh=True))
                    assert heard.heard_until == 9600
                    return True
                assert heard.heard_until == 9600
                return False

            moved = await asyncio.gather(*map(next_step, names))
            assert sorted(moved) == [False, False, True, True]
            assert pool.losses == {Loss.DIED: 1}

    asyncio.run(main())


def test_when_the_fork_server_is_gone_too_it_is_started_again():
    async def main() -> None:
        async with workers(failing.working) as pool:
            (first,) = pool.pids
            os.kill(psutil.Process(first).ppid(), signal.SIGKILL)
            os.kill(first, signal.SIGKILL)
            with suppress(WorkerLost):
                while True:
                    await pool.recognize(job(fresh=True))
            (heard, _) = await pool.recognize(job(fresh=True))
            assert heard.heard_until == 4800

    asyncio.run(main())


def test_a_worker_ends_with_its_server():
    async def main() -> int:
        async with workers(failing.working) as pool:
            return pool.pids[0]

    pid = asyncio.run(main())
    # Whoever inherits it may take its time to bury it.
    for _ in range(500):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.01)
    pytest.fail("it lives on")


def test_a_session_that_fails_takes_others_with_it_only_once():
    async def main() -> None:
        async with workers(failing.allergic_to_noise) as pool:
            (pid,) = pool.pids
            calm = replace(job("calm", fresh=True), audio=(np.zeros(4800, np.int16),))
            loud = replace(job("loud", fresh=True), audio=(np.ones(4800, np.int16),))
            outcomes: list[list[object]] = []
            for _ in range(2):
                os.kill(pid, signal.SIGSTOP)  # so that both are there when it looks
                asked = [asyncio.create_task(pool.recognize(one)) for one in (calm, loud)]
                await asyncio.sleep(0.1)
                os.kill(pid, signal.SIGCONT)
                outcomes.append(await asyncio.gather(*asked, return_exceptions=True))
            assert [isinstance(outcome, EngineError) for outcome in outcomes[0]] == [True, True]
            assert [isinstance(outcome, EngineError) for outcome in outcomes[1]] == [False, True]

    asyncio.run(main())


def test_a_worker_that_breaks_says_by_what():
    async def main() -> None:
        async with workers(failing.breaking) as pool, asyncio.timeout(10):
            while not pool.failures:  # noqa: ASYNC110 - the pool tells nobody
                await asyncio.sleep(0.01)
            assert set(pool.failures) == {"ZeroDivisionError"}

    asyncio.run(main())


def test_a_worker_that_only_fails_is_replaced():
    async def main() -> None:
        async with workers(failing.raising) as pool:
            (first,) = pool.pids
            for _ in range(link_module.FAILURES_IN_A_ROW):
                with pytest.raises((EngineError, WorkerLost)):
                    await pool.recognize(job(fresh=True))
            with suppress(EngineError, WorkerLost):
                await pool.recognize(job(fresh=True))
            assert pool.losses == {Loss.FAILING: 1}
            assert pool.pids != [first]

    asyncio.run(main())


def test_a_signal_to_all_processes_leaves_the_workers_to_the_server():
    async def main() -> None:
        async with workers(failing.working) as pool:
            (pid,) = pool.pids
            for process in (psutil.Process(pid), psutil.Process(pid).parent()):
                assert process is not None
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGINT)
            (heard, _) = await pool.recognize(job(fresh=True))
            assert heard.heard_until == 4800
            assert pool.pids == [pid]

    asyncio.run(main())


def test_a_failure_of_the_recogniser_tells_its_type_and_nothing_that_was_said():
    async def main() -> None:
        async with workers(failing.raising) as pool:
            with pytest.raises(EngineError) as caught:
                await pool.recognize(job(fresh=True))
            assert str(caught.value) == "the worker failed with ZeroDivisionError"
            assert pool.ready
            assert pool.failures == {"ZeroDivisionError": 1}

    asyncio.run(main())


SAID = DetectionJob("a", DetectionSettings(frozenset({Policy.DATE})), (Utterance((Token("hello"),)), Utterance(())))


def test_findings_come_from_the_worker_too():
    async def main() -> None:
        async with workers(failing.working) as pool:
            await pool.recognize(job(fresh=True))
            assert await pool.detect(SAID) == (Detection(), Detection())
            assert await pool.detect(SAID) == (Detection(), Detection())

    asyncio.run(main())


def test_a_failure_of_a_detector_leaves_the_worker_and_its_streams():
    async def main() -> None:
        async with workers(failing.working, detector=failing.stumbling) as pool:
            await pool.recognize(job(fresh=True))
            with pytest.raises(EngineError) as caught:
                await pool.detect(SAID)
            assert str(caught.value) == "the worker failed with ZeroDivisionError"
            (again, _) = await pool.recognize(job(start=4800))
            assert again.heard_until == 9600

    asyncio.run(main())


@pytest.mark.parametrize(
    ("create", "reason"),
    [(failing.without_a_model, "the model is missing"), (failing.dying_at_start, "before they were loaded")],
)
def test_a_worker_that_cannot_start_says_why(create: Callable[[], Recognizer], reason: str):
    async def main() -> None:
        pool = WorkerPool(Models(create, failing.nothing_found, failing.costs_nothing), 1, MEMORY)
        with pytest.raises(EngineError, match=reason):
            await pool.start()
        await pool.stop()

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
