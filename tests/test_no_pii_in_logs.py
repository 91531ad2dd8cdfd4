"""What was said does not reach any log, metric, answer or file, except redacted."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import structlog
from rich.console import Console
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.asr.scripted import spoken_evenly
from gateway.cli.player import open_playback, stream_address
from gateway.cli.recording import run_call
from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from gateway.files.wavwriter import writing_wav
from gateway.observe.log import LogFormat, LogLevel, configure_logging
from tests.transports.running import CANARY, END, ScriptedRecognition, call, run, running

ELASTIC = "policies=all&pace=elastic&sample_rate=8000"
SCRIPT = {0: spoken_evenly(f"my name is {CANARY} and {CANARY}", start_ms=200)}
NAME = "Bartholomew"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    text = io.StringIO()
    configure_logging(LogLevel.DEBUG, LogFormat.JSON, text)
    root.setLevel(logging.DEBUG)
    yield text
    structlog.reset_defaults()
    root.handlers[:], root.level = before
    assert CANARY not in text.getvalue().lower()
    assert NAME not in text.getvalue()
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    assert lines
    assert not [line for line in lines if "dropped" in line]


def test_calls(log: io.StringIO) -> None:
    audio = bytes(16000 * 4)

    async def scenario() -> None:
        async with running(ScriptedRecognition(SCRIPT)) as server:
            ended = await call(server.url(ELASTIC), [audio, END])
            assert "##########" in str(ended.events)
            assert CANARY not in str(ended.events).lower()
            for bad in (CANARY, f'{{"type":"{CANARY}"}}'):
                ended = await call(server.url(ELASTIC), [audio, bad])
                assert ended.code == 1007
                assert CANARY not in str(ended.events).lower()
            socket = await connect(server.url(ELASTIC))
            await socket.send(audio)
            socket.transport.abort()
            await socket.wait_closed()
            assert CANARY.encode() not in server.service.metrics.render().lower()

    run(scenario())


def test_addresses(log: io.StringIO) -> None:
    async def scenario() -> None:
        async with running() as server:
            with pytest.raises(InvalidStatus):
                await call(server.url(f"policies=all&{CANARY}={CANARY}"), [])
            with pytest.raises(InvalidStatus):
                await call(server.url(f"policies={CANARY}"), [])
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
                await client.get(f"/{CANARY}?{CANARY}=1")
                await client.request(CANARY.upper(), "/healthz")
            assert CANARY.encode() not in server.service.metrics.render().lower()

    run(scenario())


def test_a_recogniser_that_fails_with_what_it_heard(log: io.StringIO) -> None:
    async def scenario() -> None:
        async with running(ScriptedRecognition(SCRIPT, broken=True)) as server:
            ended = await call(server.url(ELASTIC), [bytes(16000 * 3), END])
            assert ended.code == 1011
            assert CANARY not in str(ended.events).lower()

    run(scenario())
    assert "ZeroDivisionError" in log.getvalue()


def test_text(log: io.StringIO) -> None:
    async def scenario() -> None:
        async with running() as server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            redacted = await client.post("/v1/redact", json={"text": f"my name is {NAME} Smith", "policies": "all"})
            assert redacted.status_code == 200
            wrong = await client.post("/v1/redact", json={"text": NAME, NAME: NAME, "policies": NAME})
            assert wrong.status_code == 400
            for answer in (redacted, wrong):
                assert NAME not in answer.text

    run(scenario())


@pytest.mark.slow
def test_files_of_a_call(log: io.StringIO, tmp_path: Path) -> None:
    source = tmp_path / "spoken.wav"
    with writing_wav(source, 8000, 1) as wav:
        wav.write(np.arange(8000 * 3, dtype=np.int16).reshape(-1, 1))
    settings = SessionSettings(frozenset(Policy), sample_rate=8000, lookahead_ms=500)
    shown = io.StringIO()

    async def scenario() -> None:
        async with running(ScriptedRecognition(SCRIPT)) as server:
            playback = open_playback(source)
            address = stream_address(f"ws://127.0.0.1:{server.port}", settings)
            await run_call(playback, address, None, settings, tmp_path / "out", Console(file=shown))

    run(scenario())
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == [f"spoken.{suffix}" for suffix in ("json", "png", "srt", "txt", "vtt", "wav")]
    for path in (tmp_path / "out").iterdir():
        assert CANARY.encode() not in path.read_bytes().lower()
    assert "##########" in (tmp_path / "out" / "spoken.txt").read_text()
    assert CANARY not in shown.getvalue().lower()
    assert "##########" in shown.getvalue()
