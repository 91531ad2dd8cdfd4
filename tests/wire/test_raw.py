"""The raw WebSocket messages, both ways."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.events import (
    AudioReleased,
    CaptionUpdated,
    CaptionWord,
    RedactionDecided,
    SessionEnded,
    Statistics,
    Verdict,
    Warned,
)
from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from gateway.errors import BadMessage, EngineError, MessageTooBig
from gateway.media.encoding import Encoding
from gateway.media.timeline import Span
from gateway.wire.raw import MAX_MESSAGE_BYTES, AudioReceived, EmptyReceived, EndReceived, RawCodec, close_reason


def codec(encoding: Encoding = Encoding.PCM_S16LE, channels: int = 1, sample_rate: int = 8000) -> RawCodec:
    policies = frozenset({Policy.PHONE_NUMBER})
    return RawCodec(SessionSettings(policies, encoding=encoding, channels=channels, sample_rate=sample_rate))


@given(
    encoding=st.sampled_from(Encoding),
    channels=st.sampled_from((1, 2)),
    samples=st.integers(1, 300),
    cuts=st.lists(st.integers(1, 300), max_size=8),
)
def test_audio_comes_back_bit_exact_however_it_is_cut(
    encoding: Encoding, channels: int, samples: int, cuts: list[int]
) -> None:
    raw = codec(encoding, channels)
    frame = encoding.bytes_per_sample * channels
    data = bytes(n * 31 % 256 for n in range(samples * frame))
    edges = [0, *sorted({cut * frame for cut in cuts if cut < samples}), len(data)]
    back = b""
    for start, end in itertools.pairwise(edges):
        received = raw.receive_binary(data[start:end])
        assert isinstance(received, AudioReceived)
        assert len(received.frames) == channels
        assert len({len(leg) for leg in received.frames}) == 1
        sent = raw.send(AudioReleased(Span(start // frame, end // frame), received.frames))
        assert isinstance(sent, bytes)
        back += sent
    assert back == data


def test_channels_take_turns_sample_by_sample() -> None:
    received = codec(channels=2).receive_binary(b"aaBBccDD")
    assert received == AudioReceived((b"aacc", b"BBDD"))


def test_a_message_without_audio_is_no_fault() -> None:
    assert codec().receive_binary(b"") == EmptyReceived()


@pytest.mark.parametrize(("encoding", "channels", "size"), [("pcm_s16le", 1, 3), ("pcm_s16le", 2, 6), ("mulaw", 2, 3)])
def test_a_part_of_a_sample_is_refused(encoding: str, channels: int, size: int) -> None:
    with pytest.raises(BadMessage, match=f"a message of {size} bytes does not hold whole samples: {encoding} with"):
        codec(Encoding(encoding), channels).receive_binary(bytes(size))


def test_size_limit() -> None:
    assert isinstance(codec().receive_binary(bytes(MAX_MESSAGE_BYTES)), AudioReceived)
    with pytest.raises(MessageTooBig, match="1048578 bytes is too big; allowed: 1048576"):
        codec().receive_binary(bytes(MAX_MESSAGE_BYTES + 2))
    with pytest.raises(MessageTooBig, match="allowed: 1048576"):
        codec().receive_text("x" * (MAX_MESSAGE_BYTES + 1))


def test_the_end() -> None:
    assert codec().receive_text('{"type":"end"}') == EndReceived()
    assert codec().receive_text(' { "type" : "end" } \n') == EndReceived()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "canary",
        '{"type":"end"',
        '{"type":"end"}canary',
        '{"type":"canary"}',
        '{"type":"end","canary":1}',
        '"end"',
        "[]",
        "null",
        "[" * 100_000,
        '{"type":["end"]}',
    ],
)
def test_any_other_text_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadMessage, match='allowed: {"type": "end"} as text, and audio as binary') as caught:
        codec().receive_text(text)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.text(max_size=60))
def test_any_text_is_the_end_or_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        codec().receive_text(text)


def test_begin() -> None:
    message = json.loads(codec().begin("abc"))
    assert message["type"] == "begin"
    assert message["id"] == "abc"
    assert message["settings"]["lookahead_ms"] == 2000
    assert message["settings"]["policies"] == ["phone_number"]


def test_times_round_outwards() -> None:
    message = json.loads(codec().send(RedactionDecided(1, Policy.PHONE_NUMBER, Span(801, 1601), Verdict.BLEEPED)))
    assert message == {
        "type": "redaction",
        "leg": 1,
        "policy": "phone_number",
        "start_ms": 100,
        "end_ms": 201,
        "verdict": "bleeped",
        "confidence": 0.0,
    }


def test_what_was_undecided_has_no_policy() -> None:
    message = json.loads(codec().send(RedactionDecided(0, None, Span(0, 8), Verdict.COVERED_LATE)))
    assert (message["policy"], message["verdict"]) == (None, "covered_late")


def test_caption() -> None:
    words = (
        CaptionWord("call", Span(0, 1600), None, Verdict.CLEAR),
        CaptionWord("###", Span(2400, 3999), Policy.PHONE_NUMBER, Verdict.BLEEPED),
    )
    assert json.loads(codec().send(CaptionUpdated(3, 1, 2, words, final=True))) == {
        "type": "caption",
        "turn": 3,
        "leg": 1,
        "revision": 2,
        "start_ms": 0,
        "end_ms": 500,
        "text": "call ###",
        "words": [
            {"text": "call", "start_ms": 0, "end_ms": 200, "policy": None},
            {"text": "###", "start_ms": 300, "end_ms": 500, "policy": "phone_number"},
        ],
        "final": True,
    }


def test_warning_and_done() -> None:
    assert json.loads(codec().send(Warned("late", "behind"))) == {
        "type": "warning",
        "code": "late",
        "message": "behind",
    }
    done = json.loads(codec().send(SessionEnded(Statistics(1000, 300, 40, {"date": 2}, 2001.25, 2010.0, 3, 1, 0))))
    assert done == {
        "type": "done",
        "statistics": {
            "audio_ms": 1000,
            "redacted_ms": 300,
            "covered_late_ms": 40,
            "spans": {"date": 2},
            "added_delay_p50_ms": 2001.2,
            "added_delay_p99_ms": 2010.0,
            "steps": 3,
            "relaxed_steps": 0,
            "skipped_steps": 1,
            "lost_recognitions": 0,
            "near_misses": 0,
            "found_too_late_ms": 0,
            "overdue_ms": 0,
        },
    }


def test_our_own_mistakes_leave_without_details() -> None:
    assert json.loads(codec().error(EngineError("canary"))) == {
        "type": "error",
        "code": "engine",
        "message": "internal error; the call ends",
    }
    assert json.loads(codec().error(BadMessage("odd")))["message"] == "odd"
    assert close_reason(BadMessage("odd")) == "bad_message"


@given(st.binary(max_size=40), st.sampled_from(Encoding), st.sampled_from((1, 2)))
def test_any_binary_message_is_taken_whole_or_refused(data: bytes, encoding: Encoding, channels: int) -> None:
    frame = encoding.bytes_per_sample * channels
    try:
        received = codec(encoding, channels).receive_binary(data)
    except BadMessage:
        assert len(data) % frame
    else:
        assert len(data) % frame == 0
        assert isinstance(received, AudioReceived) is bool(data)
