"""Peers that do something wrong: a clear error, and what they sent before is not lost."""

import asyncio
import json
import socket as sockets
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from gateway.transports.outbound import Outbound
from gateway.wire.raw import MAX_MESSAGE_BYTES
from tests.transports.running import END, Running, ScriptedRecognition, call, messages_of, run, running, wait_until

ELASTIC = "policies=all&pace=elastic&sample_rate=8000"
AUDIO = bytes(range(256)) * 8


async def _until(server: Running, text: bytes) -> None:
    """Wait until the metrics say so."""
    await wait_until(lambda: text in server.service.metrics.render())


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "policies: choose at least one"),
        ("policies=all&encoding=opus", "encoding: 'opus' is not allowed; allowed: pcm_s16le, mulaw, alaw"),
        ("policies=all&sample_rate=44100", "allowed: 8000, 16000, 24000, 48000"),
        ("policies=names", "there is no policy 'names'; allowed: all or "),
        ("policies=all&volume=11", "there is no option 'volume'; allowed: encoding"),
    ],
)
def test_wrong_options_are_answered_before_the_upgrade(query: str, message: str) -> None:
    async def scenario() -> None:
        async with running() as server:
            with pytest.raises(InvalidStatus) as refused:
                await call(server.url(query), [])
            response = refused.value.response
            assert response.status_code == 400
            assert response.headers["Content-Type"] == "application/json"
            error = json.loads(response.body)["error"]
            assert error["code"] == "bad_option"
            assert message in error["message"]
            assert b'gateway_calls_refused_total{code="bad_option"} 1.0' in server.service.metrics.render()

    run(scenario())


@pytest.mark.parametrize(
    ("bad", "close", "code"),
    [
        (b"abc", 1007, "bad_message"),
        (bytes(MAX_MESSAGE_BYTES + 2), 1009, "too_big"),
        ("four one one", 1007, "bad_message"),
        ('{"type":"start"}', 1007, "bad_message"),
        ("{" * 2000, 1007, "bad_message"),
    ],
)
def test_a_wrong_message_loses_nothing(bad: bytes | str, close: int, code: str) -> None:
    async def scenario() -> None:
        async with running() as server:
            ended = await call(server.url(ELASTIC), [AUDIO, AUDIO, bad, AUDIO, END])
            assert ended.audio == AUDIO * 2
            assert [event["type"] for event in ended.events] == ["begin", "error", "done"]
            assert ended.events[1]["code"] == code
            assert "allowed" in ended.events[1]["message"] or "needs a multiple of 2" in ended.events[1]["message"]
            assert "four" not in ended.events[1]["message"]
            assert (ended.code, ended.reason) == (close, code)
            await _until(server, b'gateway_calls_total{outcome="peer_fault"} 1.0')

    run(scenario())


def test_text_that_is_not_utf8_loses_nothing() -> None:
    async def scenario() -> None:
        async with running() as server, connect(server.url(ELASTIC)) as socket:
            await socket.send(AUDIO)
            await socket.send(b'{"type":"\xff"}', text=True)
            messages = [message async for message in messages_of(socket)]
            assert b"".join(m for m in messages if isinstance(m, bytes)) == AUDIO
            assert '"code":"bad_message"' in messages[1]
            assert socket.close_code == 1007

    run(scenario())


def test_an_empty_message_is_a_warning() -> None:
    async def scenario() -> None:
        async with running() as server:
            ended = await call(server.url(ELASTIC), [b"", AUDIO, END])
            assert ended.audio == AUDIO
            assert ended.of("warning")[0]["code"] == "empty_message"
            assert ended.code == 1000

    run(scenario())


@pytest.mark.slow
def test_too_fast_is_a_fault_that_loses_nothing() -> None:
    frame = bytes(range(200)) * 80  # one second

    async def scenario() -> None:
        async with running() as server:
            query = "policies=all&sample_rate=8000&lookahead_ms=500"
            ended = await call(server.url(query), [frame] * 5)
            assert ended.code == 1008
            (error,) = ended.of("error")
            assert error["code"] == "policy_violation"
            assert "pace=elastic" in error["message"]
            assert ended.audio == frame
            statistics = ended.of("done")[0]["statistics"]
            assert statistics["covered_late_ms"] == 0
            assert statistics["added_delay_p50_ms"] >= 500

    run(scenario())


def test_audio_after_the_end_is_not_taken() -> None:
    async def scenario() -> None:
        async with running() as server:
            ended = await call(server.url(ELASTIC), [AUDIO, END, AUDIO, "what", END])
            assert ended.audio == AUDIO
            assert ended.code == 1000

    run(scenario())


@pytest.mark.parametrize("how", ["close", "abort", "drop"])
def test_a_peer_that_vanishes_frees_everything(how: str) -> None:
    async def scenario() -> None:
        async with running() as server:
            socket = await connect(server.url("policies=all&sample_rate=8000"))
            await socket.send(AUDIO)
            await _until(server, b"gateway_calls_active 1.0")
            if how == "close":
                await socket.close(1001)
            elif how == "abort":
                socket.transport.abort()
            else:
                raw = socket.transport.get_extra_info("socket")
                raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
                socket.transport.abort()
            await _until(server, b'gateway_calls_total{outcome="peer_gone"} 1.0')
            assert server.service.calls.active == 0
            assert server.recognition.closed == 1
            assert not server.recognition.hosts
            await socket.wait_closed()

    run(scenario())


def test_a_peer_that_answers_no_ping_is_gone() -> None:
    async def scenario() -> None:
        async with running(ping_s=0.05) as server, deaf_peer(server, "policies=all"):
            await _until(server, b'gateway_calls_total{outcome="peer_gone"} 1.0')
            assert server.service.calls.active == 0

    run(scenario())


@asynccontextmanager
async def deaf_peer(server: Running, query: str) -> AsyncIterator[ClientConnection]:
    """A peer that stops reading, with small buffers."""
    plain = sockets.socket()
    plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 4096)
    plain.connect(("127.0.0.1", server.port))
    socket = await connect(server.url(query), sock=plain, max_queue=1, write_limit=1024)
    try:
        socket.transport.pause_reading()
        yield socket
    finally:
        socket.transport.abort()
        await socket.wait_closed()


@pytest.mark.slow
def test_a_live_peer_that_never_reads_ends_its_own_call_only() -> None:
    second = bytes(48_000 * 2 * 2)
    query = "policies=all&sample_rate=48000&channels=2&lookahead_ms=500"

    async def scenario() -> None:
        async with running() as server, AsyncExitStack() as stack:
            deaf = await stack.enter_async_context(deaf_peer(server, query))
            loop = asyncio.get_running_loop()
            began_at = loop.time()
            number = 0
            while server.service.calls.active:
                await asyncio.sleep(max(0.0, began_at + number * 0.1 - loop.time()))
                if not deaf.transport.is_closing():
                    deaf.transport.write(Frame(Opcode.BINARY, second[:19200]).serialize(mask=True))
                number += 1
                assert loop.time() - began_at < 15
                if number == 10:
                    other = await call(server.url(ELASTIC), [AUDIO, END])
                    assert other.audio == AUDIO
            assert b'gateway_calls_total{outcome="slow_reader"} 1.0' in server.service.metrics.render()
            deaf.transport.resume_reading()
            messages = [message async for message in messages_of(deaf)]
            assert '"code":"slow_reader"' in messages[-1]
            assert (deaf.close_code, deaf.close_reason) == (1008, "slow_reader")

    run(scenario())


@pytest.mark.slow
def test_an_elastic_peer_that_does_not_read_is_not_read_from() -> None:
    async def scenario() -> None:
        async with running() as server, deaf_peer(server, ELASTIC) as deaf:
            second, sent = bytes(16000), 0

            async def pour() -> None:
                nonlocal sent
                while True:
                    await deaf.send(second)
                    sent += 1

            pouring = asyncio.create_task(pour())
            previous = -1
            while sent != previous:
                previous = sent
                await asyncio.sleep(0.3)
            assert 5 < sent < 400, "back-pressure reaches the sender, whose kernel may hold megabytes"
            assert b"gateway_calls_active 1.0" in server.service.metrics.render()
            pouring.cancel()
            await asyncio.gather(pouring, return_exceptions=True)
            deaf.transport.abort()
            await _until(server, b"gateway_calls_active 0.0")

    run(scenario())


def test_an_elastic_peer_that_stalls_for_long_is_given_up() -> None:
    async def scenario() -> None:
        outbound = Outbound(live=False, stall_s=0.01)
        outbound.put(b"audio", 20.0)

        async def never(message: bytes | str) -> None:
            await asyncio.get_running_loop().create_future()

        await outbound.run(never)
        assert outbound.overrun.is_set()

    run(scenario())


def test_a_broken_invariant_tells_the_peer_no_details() -> None:
    async def scenario() -> None:
        async with running(ScriptedRecognition(broken=True)) as server:
            ended = await call(server.url(ELASTIC), [AUDIO, END])
            assert ended.of("error") == [
                {"type": "error", "code": "internal", "message": "internal error; the call ends"}
            ]
            assert (ended.code, ended.reason) == (1011, "internal")
            await _until(server, b'gateway_calls_total{outcome="internal"} 1.0')

    run(scenario())


def test_no_place_and_no_recogniser_are_503() -> None:
    async def scenario() -> None:
        async with running(max_calls=1) as server:
            async with connect(server.url()):
                await _refused(server, "the gateway is full: 1 calls")
            await _until(server, b"gateway_calls_active 0.0")
            server.service.calls.draining = True
            await _refused(server, "shutting down")
            server.service.calls.draining = False
            server.recognition.ready = False
            await _refused(server, "being started")
            assert server.service.calls.active == 0

    async def _refused(server: Running, why: str) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await call(server.url(), [])
        assert refused.value.response.status_code == 503
        assert why in json.loads(refused.value.response.body)["error"]["message"]

    run(scenario())


def test_calls_in_progress_may_end_during_shutdown() -> None:
    async def scenario() -> None:
        async with running(drain_s=5.0) as server, connect(server.url(ELASTIC)) as socket:
            await socket.send(AUDIO)
            await _until(server, b"gateway_calls_active 1.0")
            server.server.should_exit = True
            await wait_until(lambda: server.service.calls.draining)
            await socket.send(END)
            messages = [message async for message in messages_of(socket)]
            assert b"".join(m for m in messages if isinstance(m, bytes)) == AUDIO
            assert socket.close_code == 1000

    run(scenario())


def test_calls_that_outlive_the_shutdown_are_told() -> None:
    async def scenario() -> None:
        async with running(drain_s=0.0) as server:
            async with connect(server.url(ELASTIC)) as socket:
                await socket.send(AUDIO)
                await _until(server, b"gateway_calls_active 1.0")
                server.server.should_exit = True
                [message async for message in messages_of(socket)]
                assert socket.close_code == 1012
            await _until(server, b'gateway_calls_total{outcome="shutdown"} 1.0')

    run(scenario())
