"""Models that cannot be forked: each worker loads its own."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import numpy as np
import pytest

from gateway.asr.base import Recognizer
from gateway.errors import EngineError, WorkerLost
from gateway.workers.forkserver import Models
from gateway.workers.host import RecognitionJob
from gateway.workers.pool import WorkerPool
from tests.workers import failing

pytestmark = pytest.mark.slow
MEMORY = 1 << 30


def job() -> RecognitionJob:
    return RecognitionJob("a", 8000, 500, 0, (np.zeros(4800, np.int16),), True, False)


def pool_of(create: Callable[[], Recognizer], forkable: bool) -> WorkerPool:
    return WorkerPool(Models(create, failing.nothing_found, failing.costs_nothing, forkable), 1, MEMORY)


def test_each_worker_loads_its_own() -> None:
    async def main() -> None:
        pool = pool_of(failing.bound_to_its_process, forkable=False)
        await pool.start()
        try:
            assert pool.capabilities is not None
            assert pool.leg_cost == failing.costs_nothing(failing.working(), failing.nothing_found)
            (first,) = await pool.recognize(job())
            assert first.heard_until == 4800
            os.kill(pool.pids[0], signal.SIGKILL)
            again = None
            while again is None:
                try:
                    again = await pool.recognize(job())
                except WorkerLost:
                    continue
            assert again[0].heard_until == 4800
        finally:
            await pool.stop()

    asyncio.run(main())


def test_models_that_can_be_forked_are_loaded_elsewhere() -> None:
    async def main() -> None:
        pool = pool_of(failing.bound_to_its_process, forkable=True)
        await pool.start()
        try:
            with pytest.raises(EngineError):
                await pool.recognize(job())
        finally:
            await pool.stop()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("create", "reason"),
    [(failing.without_a_model, "the model is missing"), (failing.dying_at_start, "ended while it loaded")],
)
def test_what_cannot_be_loaded_ends_the_start(create: Callable[[], Recognizer], reason: str) -> None:
    with pytest.raises(EngineError, match=reason):
        asyncio.run(pool_of(create, forkable=False).start())
