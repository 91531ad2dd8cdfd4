"""More calls than fit are refused, and calls outlive the workers that hear them."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.transports.admission import Admission
from gateway.workers.forkserver import Models
from gateway.workers.link import Loss
from gateway.workers.pool import WorkerPool
from tests.transports.running import END, Ended, run, running, until_closed
from tests.workers import failing

MESSAGE = b"\xff" * 160
"""20 ms of one leg."""


def test_a_call_that_does_not_fit_is_refused_at_once_and_told_when_to_try_again():
    async def main() -> None:
        async with running(admission=Admission(workers=1, leg_cost=0.3)) as server:
            url, http = server.url("policies=all&channels=2"), f"http://127.0.0.1:{server.port}/readyz"
            async with httpx.AsyncClient() as client, connect(url):
                ready = await client.get(http)
                assert (ready.status_code, ready.json()["checks"]["capacity"]) == (503, False)
                with pytest.raises(InvalidStatus) as refused:
                    await connect(url)
                response = refused.value.response
                assert response.status_code == 503
                assert response.headers["retry-after"] == "5"
                assert b"cannot hear another one in time" in (response.body or b"")
                async with connect(server.url("policies=all&channels=2&pace=elastic")) as elastic:
                    await elastic.send(END)
                    assert (await until_closed(elastic)).code == 1000
            async with asyncio.timeout(5):
                while (await client_get(http)) != 200:  # noqa: ASYNC110 - the server tells nobody
                    await asyncio.sleep(0.05)

    run(main())


async def client_get(url: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).status_code


async def talk(url: str, messages: int) -> Ended:
    """A live call at its pace."""
    loop = asyncio.get_running_loop()
    async with connect(url) as socket:
        reading = asyncio.create_task(until_closed(socket))
        began_at = loop.time()
        for number in range(messages):
            await asyncio.sleep(began_at + number * 0.02 - loop.time())
            await socket.send(MESSAGE)
        await socket.send(END)
        return await reading


@pytest.mark.slow
def test_calls_outlive_a_killed_worker_and_nothing_of_them_is_late():
    async def main() -> None:
        pool = WorkerPool(Models(failing.working, failing.nothing_found, failing.costs_nothing), 2, 1 << 30)
        await pool.start()
        try:
            async with running(pool) as server:
                url = server.url("policies=all&encoding=mulaw&sample_rate=8000")
                calls = [asyncio.create_task(talk(url, 120)) for _ in range(4)]
                await asyncio.sleep(1.0)
                os.kill(pool.pids[0], signal.SIGKILL)
                ended = await asyncio.gather(*calls)
            assert pool.losses == {Loss.DIED: 1}
        finally:
            await pool.stop()
        statistics: list[dict[str, Any]] = [call.of("done")[0]["statistics"] for call in ended]
        assert [call.code for call in ended] == [1000] * 4
        assert [len(call.audio) for call in ended] == [120 * 160] * 4
        assert [row["overdue_ms"] for row in statistics] == [0] * 4
        assert sum(row["lost_recognitions"] for row in statistics) == 2

    run(main())
