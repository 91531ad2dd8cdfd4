"""Calls over a real WebSocket."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from gateway.asr.scripted import ScriptedWord, spoken_evenly
from tests.transports.running import CANARY, END, ScriptedRecognition, call, run, running, until_closed

ELASTIC = "policies=all&pace=elastic&sample_rate=8000"


def sawtooth(samples: int) -> bytes:
    """PCM16 in which every sample differs from its neighbours."""
    return b"".join((n * 37 % 20011 - 10005).to_bytes(2, "little", signed=True) for n in range(samples))


@pytest.mark.parametrize("size", [2, 38, 320, 5000, 16000])
def test_what_nobody_redacts_comes_back_bit_exact(size: int) -> None:
    audio = sawtooth(8000)

    async def scenario() -> None:
        async with running() as server:
            messages = [audio[start : start + size] for start in range(0, len(audio), size)]
            ended = await call(server.url(ELASTIC), [*messages, END])
            assert ended.audio == audio
            assert (ended.code, ended.reason) == (1000, "")
            assert [event["type"] for event in ended.events] == ["begin", "done"]
            assert ended.events[0]["settings"]["lookahead_ms"] == 2000
            assert ended.events[-1]["statistics"]["audio_ms"] == 1000

    run(scenario())


def test_what_is_found_is_covered_in_sound_and_text() -> None:
    audio = sawtooth(8000 * 6)
    script = {0: spoken_evenly(f"my name is {CANARY} thanks", start_ms=500)}

    async def scenario() -> None:
        async with running(ScriptedRecognition(script)) as server:
            ended = await call(server.url(ELASTIC), [audio, END])
            (redaction,) = ended.of("redaction")
            assert (redaction["leg"], redaction["policy"], redaction["verdict"]) == (0, "person_name", "bleeped")
            assert redaction["start_ms"] <= 1700
            assert redaction["end_ms"] >= 2000
            assert len(ended.audio) == len(audio)
            start, end = redaction["start_ms"] * 16, redaction["end_ms"] * 16
            assert ended.audio[:start] == audio[:start]
            assert ended.audio[end:] == audio[end:]
            assert ended.audio[start:end] != audio[start:end]
            assert ended.of("caption")[-1]["text"] == "my name is ########## thanks"
            assert ended.of("caption")[-1]["final"]
            assert CANARY not in str(ended.events)
            assert ended.of("done")[0]["statistics"]["spans"] == {"person_name": 1}

    run(scenario())


def test_a_redaction_is_told_before_its_audio() -> None:
    script = {0: spoken_evenly(f"is {CANARY} thanks", start_ms=500)}

    async def scenario() -> None:
        async with running(ScriptedRecognition(script)) as server, connect(server.url(ELASTIC)) as socket:
            await socket.send(sawtooth(8000 * 5))
            await socket.send(END)
            received = 0
            async for message in socket:
                if isinstance(message, bytes):
                    received += len(message)
                elif '"type":"redaction"' in message:
                    assert received <= json.loads(message)["start_ms"] * 16
                    return
            raise AssertionError("no redaction was told")

    run(scenario())


@pytest.mark.slow
def test_a_live_call_is_delayed_by_the_lookahead() -> None:
    audio = sawtooth(8000)
    frames = [audio[start : start + 320] for start in range(0, len(audio), 320)]

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        async with running() as server:
            async with connect(server.url("policies=all&sample_rate=8000&lookahead_ms=500")) as socket:
                assert isinstance(await socket.recv(), str)
                began_at = loop.time()

                async def speak() -> None:
                    for number, frame in enumerate(frames):
                        await asyncio.sleep(began_at + number * 0.02 - loop.time())
                        await socket.send(frame)
                    await socket.send(END)

                speaking = asyncio.create_task(speak())
                first = await socket.recv()
                assert isinstance(first, bytes)
                assert loop.time() - began_at >= 0.5
                ended = await until_closed(socket)
                assert loop.time() - began_at >= 0.5 + 0.98
                await speaking
            assert first + ended.audio == audio
            assert ended.code == 1000
            statistics = ended.of("done")[0]["statistics"]
            assert 500 <= statistics["added_delay_p50_ms"] <= 520

    run(scenario())


def test_two_legs_in_mulaw() -> None:
    audio = bytes(n * 7 % 256 for n in range(16000))

    async def scenario() -> None:
        script = {1: [ScriptedWord("hello", 100, 400)]}
        async with running(ScriptedRecognition(script)) as server:
            query = f"{ELASTIC}&encoding=mulaw&channels=2&captions=final"
            ended = await call(server.url(query), [audio[:10], audio[10:], END])
            assert ended.audio == audio
            (caption,) = ended.of("caption")
            assert (caption["leg"], caption["text"], caption["start_ms"], caption["end_ms"]) == (1, "hello", 100, 400)

    run(scenario())


def test_calls_do_not_mix() -> None:
    async def scenario() -> None:
        async with running() as server:
            audios = [bytes([number, 1]) * 4000 for number in range(6)]
            ended = await asyncio.gather(*(call(server.url(ELASTIC), [audio, END]) for audio in audios))
            assert [one.audio for one in ended] == audios
            assert len({one.events[0]["id"] for one in ended}) == 6
            assert server.recognition.closed == 6
            assert b'gateway_calls_total{outcome="completed"} 6.0' in server.service.metrics.render()
            assert b"gateway_calls_active 0.0" in server.service.metrics.render()

    run(scenario())


def test_an_elastic_call_longer_than_every_buffer() -> None:
    second = sawtooth(8000)

    async def scenario() -> None:
        async with running() as server:
            ended = await call(server.url(ELASTIC), [second] * 60 + [END])
            assert ended.audio == second * 60
            assert ended.code == 1000

    run(scenario())


def test_a_call_without_audio() -> None:
    async def scenario() -> None:
        async with running() as server:
            ended = await call(server.url("policies=all"), [END])
            assert ended.audio == b""
            assert ended.code == 1000
            assert ended.of("done")[0]["statistics"]["audio_ms"] == 0

    run(scenario())
