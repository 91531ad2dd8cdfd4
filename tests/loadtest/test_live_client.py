"""The live client against a server that answers at once with scripted messages."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from gateway.evaluation.figures import CoveredSpan
from loadtest.live_client import LiveRecording, play, stream_url

SETTINGS = SessionSettings(frozenset({Policy.DATE, Policy.PHONE_NUMBER}), sample_rate=8000, channels=2)
SAMPLES = np.arange(1600, dtype=np.int16).reshape(800, 2)


async def echo(connection: ServerConnection) -> None:
    """Send audio back as it comes; a caption and a redaction first, statistics last."""
    words = [{"text": "###", "start_ms": 0, "end_ms": 90, "policy": "date"}]
    caption = {"type": "caption", "turn": 3, "leg": 1, "revision": 0, "start_ms": 0, "end_ms": 90, "text": "###"}
    await connection.send(json.dumps({"type": "begin", "id": "x", "settings": {}}))
    await connection.send(json.dumps({**caption, "words": words, "final": True}))
    redaction = {"type": "redaction", "leg": 1, "start_ms": 0, "end_ms": 90}
    await connection.send(json.dumps({**redaction, "policy": "date", "verdict": "bleeped"}))
    await connection.send(json.dumps({**redaction, "policy": None, "verdict": "covered_late"}))
    await connection.send(json.dumps({"type": "warning", "code": "stalled", "message": "..."}))
    async for message in connection:
        if isinstance(message, str):
            break
        await connection.send(message)
    await connection.send(json.dumps({"type": "done", "statistics": {"audio_ms": 100}}))


def refuse(connection: ServerConnection, request: Request) -> Response:
    """What a gateway does that has enough calls."""
    return connection.respond(503, "no more calls")


def played(*, refused: bool = False) -> LiveRecording:
    async def call() -> LiveRecording:
        async with serve(echo, "127.0.0.1", 0, process_request=refuse if refused else None) as server:
            port = server.sockets[0].getsockname()[1]
            return await play(f"ws://127.0.0.1:{port}", SAMPLES, SETTINGS)

    return asyncio.run(call())


def test_everything_is_kept() -> None:
    recording = played()
    outcome = recording.outcome
    assert outcome.audio is not None
    assert np.array_equal(outcome.audio, SAMPLES)
    assert outcome.redactions == (CoveredSpan(1, 0, 90, Policy.DATE), CoveredSpan(1, 0, 90, None))
    (caption,) = outcome.captions
    assert (caption.leg, caption.turn, caption.revision) == (1, 3, 0)
    assert [(word.text, word.start_ms, word.end_ms) for word in caption.words] == [("###", 0, 90)]
    assert (recording.faults, recording.done, recording.close_code) == (["stalled"], {"audio_ms": 100}, 1000)
    assert [position for position, _ in recording.sent] == [160, 320, 480, 640, 800]


def test_a_refused_call() -> None:
    recording = played(refused=True)
    assert (recording.faults, recording.outcome.audio, recording.close_code) == (["refused_503"], None, None)


def test_audio_goes_out_at_the_pace_of_speech() -> None:
    sent = played().sent
    assert all(at >= 0.02 * number for number, (_, at) in enumerate(sent))


def test_the_address_holds_every_setting() -> None:
    query = parse_qs(urlsplit(stream_url("ws://host:1/", SETTINGS)).query)
    assert stream_url("ws://host:1/", SETTINGS).startswith("ws://host:1/v1/stream?")
    assert query["policies"] == ["phone_number,date"]
    assert (query["sample_rate"], query["channels"], query["pace"]) == (["8000"], ["2"], ["realtime"])


def test_the_added_delay_of_each_sample() -> None:
    recording = LiveRecording(samples_sent=320, channels=1, sample_rate=8000)
    recording.sent = [(160, 0.0), (320, 0.02)]
    recording.received = [(80, 2.0), (320, 2.03)]
    recording.audio = bytearray(640)
    assert recording.added_delays_ms() == pytest.approx([2000.0, 2030.0, 2010.0, 2010.0])


def test_audio_that_is_missing_has_no_outcome() -> None:
    recording = LiveRecording(samples_sent=320, channels=1, sample_rate=8000)
    assert recording.outcome.audio is None
    assert recording.added_delays_ms() == []
