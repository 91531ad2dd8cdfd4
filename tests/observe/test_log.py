"""Log lines: constants and known keys only."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from gateway.observe.log import KEYS, LogFormat, LogLevel, configure_logging, get_logger


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    text = io.StringIO()
    configure_logging(LogLevel.DEBUG, LogFormat.JSON, text)
    yield text
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line(stream: io.StringIO) -> None:
    get_logger().info("call_ended", session="abc", audio_ms=12, outcome="completed")
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "call_ended", "level": "info", "session": "abc", "audio_ms": 12, "outcome": "completed"}


def test_unknown_keys_are_dropped_and_flagged(stream: io.StringIO) -> None:
    get_logger().info("call_ended", text="canary", words=["canary"], session="abc")
    assert "canary" not in stream.getvalue()
    assert lines(stream)[0]["dropped"] == 2


@pytest.mark.parametrize("event", ["the caller said canary", "", "Canary", "canary: 1", "x" * 65])
def test_an_event_that_is_no_constant_is_replaced(stream: io.StringIO, event: str) -> None:
    get_logger().warning(event)
    assert lines(stream)[0]["event"] == "unnamed"
    assert lines(stream)[0]["dropped"] == 1


def test_a_value_is_text_of_bounded_length(stream: io.StringIO) -> None:
    get_logger().info("call_began", session={"a": "b" * 5000}, audio_ms=None)
    assert len(stream.getvalue()) < 400


def test_of_an_exception_only_type_and_place(stream: io.StringIO) -> None:
    try:
        raise ValueError("canary")
    except ValueError as error:
        get_logger().exception("call_failed")
        get_logger().error("call_failed", exc_info=error)
        get_logger().error("call_failed", exc_info=(ValueError, error, error.__traceback__))
    assert "canary" not in stream.getvalue()
    for line in lines(stream):
        assert line["error_type"] == "ValueError"
        assert line["error_where"].startswith("test_log.py:")
        assert "dropped" not in line


def test_what_libraries_log_keeps_only_its_place(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning('%s - "WebSocket %s" [accepted]', "peer", "/v1/stream?canary")
    try:
        raise RuntimeError("canary")
    except RuntimeError:
        logging.getLogger("asyncio").exception("canary in %s", "canary")
    assert "canary" not in stream.getvalue()
    first, second = lines(stream)
    assert (first["event"], first["library"], first["level"]) == ("library_log", "uvicorn.error", "warning")
    assert first["where"].startswith("test_log:")
    assert second["error_type"] == "RuntimeError"


def test_levels_and_the_form_for_people() -> None:
    text = io.StringIO()
    configure_logging(LogLevel.WARNING, LogFormat.CONSOLE, text)
    get_logger().info("call_began", session="abc")
    get_logger().warning("call_ended", session="abc")
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()
    assert "call_began" not in text.getvalue()
    assert "call_ended" in text.getvalue()
    assert not text.getvalue().startswith("{")


def test_no_key_invites_speech() -> None:
    assert not KEYS & {"text", "words", "message", "caption", "transcript", "prev", "query", "url", "path", "file"}
