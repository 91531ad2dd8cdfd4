"""Structured logs without a word of what was said.

A line is an event name, which is a constant, and values under known keys. This is enforced for every line, whoever
writes it:

- an event that does not look like a constant is replaced, a key that is not in `KEYS` is dropped, both are flagged
  (`dropped`), and tests fail on the flag;
- of an exception only its type and the place in the code are told: its text counts as text;
- what libraries log through `logging` becomes `library_log` with the place it came from, without its message.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from enum import StrEnum
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final, TextIO, TypeAlias

import structlog

KEYS: Final = frozenset(
    {
        "attempts",
        "audio_ms",
        "calls",
        "channels",
        "close_code",
        "code",
        "covered_late_ms",
        "device",
        "duration_ms",
        "encoding",
        "engine",
        "error_type",
        "error_where",
        "exit_code",
        "host",
        "jobs",
        "leg_cost",
        "legs",
        "level_of_suspicion",
        "library",
        "limit_s",
        "lookahead_ms",
        "lost_recognitions",
        "method",
        "model",
        "outcome",
        "overdue_ms",
        "pace",
        "pid",
        "policies",
        "policy",
        "port",
        "redacted_ms",
        "reason",
        "relaxed_steps",
        "route",
        "sample_rate",
        "session",
        "skipped_steps",
        "start_ms",
        "status",
        "steps",
        "tls",
        "version",
        "where",
        "workers",
    }
)
"""Keys a line may have. None of them ever holds anything that a peer wrote or said."""

_ADDED_HERE: Final = frozenset({"event", "level", "timestamp", "dropped"})
_CONSTANT: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LONGEST_VALUE: Final = 120

_Line: TypeAlias = MutableMapping[str, Any]
_ExcInfo: TypeAlias = "tuple[type[BaseException], BaseException, TracebackType | None]"


class LogFormat(StrEnum):
    """How lines are written. `auto`: for people on a terminal, JSON elsewhere."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least serious lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def number(self) -> int:
        """As `logging` counts."""
        return logging.getLevelNamesMapping()[self.value.upper()]


def configure_logging(
    level: LogLevel = LogLevel.WARNING, form: LogFormat = LogFormat.AUTO, stream: TextIO | None = None
) -> None:
    """Send every log line of this process, the libraries' included, to `stream` (stderr).

    Called once at the start of a process. Replaces what was configured before.
    """
    stream = stream or sys.stderr
    people = form is LogFormat.CONSOLE or (form is LogFormat.AUTO and stream.isatty())
    renderer = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            place_of_exception,
            only_known_keys,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.number),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(_LibraryHandler())
    root.setLevel(max(level.number, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.NOTSET)


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """Where to write lines: `get_logger().info("call_began", session=...)`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def place_of(error: BaseException) -> dict[str, str]:
    """What a log may tell of an exception: its type, and the line of code it came from."""
    return {"error_type": type(error).__name__, "error_where": _where(error.__traceback__)}


def place_of_exception(logger: object, method: str, line: _Line) -> _Line:
    """A processor: `exc_info` becomes type and place."""
    given = line.pop("exc_info", None)
    if isinstance(given, BaseException):
        line.update(place_of(given))
    elif given:
        error = (given if isinstance(given, tuple) else sys.exc_info())[1]
        if error is not None:
            line.update(place_of(error))
    return line


def only_known_keys(logger: object, method: str, line: _Line) -> _Line:
    """A processor: drops what is not on the list, and says how much it dropped."""
    unknown = [key for key in line if key not in KEYS and key not in _ADDED_HERE]
    for key in unknown:
        del line[key]
    dropped = len(unknown)
    if not _CONSTANT.fullmatch(str(line.get("event"))):
        line["event"] = "unnamed"
        dropped += 1
    for key, value in line.items():
        if not isinstance(value, int | float | None):
            line[key] = str(value)[:_LONGEST_VALUE]
    if dropped:
        line["dropped"] = dropped
    return line


class _LibraryHandler(logging.Handler):
    """Takes the lines that libraries write; their messages may hold anything, so only their place is kept."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, str] = {"library": record.name, "where": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[1]:
            fields |= place_of(record.exc_info[1])
        get_logger().log(min(record.levelno, logging.CRITICAL), "library_log", **fields)


def _where(trace: TracebackType | None) -> str:
    """The last line of our own code on the way to where it was raised, else the last one at all."""
    last = own = ""
    while trace is not None:
        path = PurePath(trace.tb_frame.f_code.co_filename)
        last = f"{path.name}:{trace.tb_lineno}"
        if "gateway" in path.parts:
            own = last
        trace = trace.tb_next
    return own or last or "?"
