"""Reads back the result that was written as NAME.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from gateway.core.events import Verdict
from gateway.core.policy import Policy
from gateway.errors import MediaError
from gateway.files.result import NearMissRow, RedactedLeg, RedactedWord, RedactionResult, RedactionRow

_LARGEST_BYTES: Final = 256 << 20


def read_result(path: Path) -> RedactionResult:
    """The result that `as_json` wrote at `path`. `policies` holds those that are known, `stats` is left empty.

    Raises MediaError when it cannot be read, or is not such a result; the message holds nothing of the content.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise MediaError(f"{path}: is too large to be a redacted result")
        stored = json.loads(path.read_bytes())
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror or 'the system refused'})") from None
    except (ValueError, RecursionError):
        raise MediaError(f"{path}: is not JSON; name the NAME.json that redact or call wrote") from None
    try:
        return _result(stored)
    except (KeyError, TypeError, ValueError):
        raise MediaError(f"{path}: is not a redacted result; name the NAME.json that redact or call wrote") from None


def _result(stored: object) -> RedactionResult:
    fields = _object(stored)
    legs = tuple(_leg(_object(leg), at) for at, leg in enumerate(_list(fields["legs"])))
    known = frozenset(Policy)
    return RedactionResult(
        _count(fields["duration_ms"]),
        tuple(Policy(name) for name in map(_text, _list(fields["policies"])) if name in known),
        legs,
        tuple(_redaction(_object(row), len(legs)) for row in _list(fields["redactions"])),
        {},
        tuple(_near_miss(_object(row), len(legs)) for row in _list(fields["near_misses"])),
    )


def _leg(fields: dict[str, object], at: int) -> RedactedLeg:
    if fields["leg"] != at:
        raise ValueError("legs are counted from 0, in order")
    return RedactedLeg(at, tuple(_word(_object(word)) for word in _list(fields["words"])))


def _word(fields: dict[str, object]) -> RedactedWord:
    return RedactedWord(_text(fields["text"]), *_times(fields), _label(fields["policy"]))


def _redaction(fields: dict[str, object], legs: int) -> RedactionRow:
    verdict = Verdict(_text(fields["verdict"]))
    return RedactionRow(
        _leg_of(fields, legs), _label(fields["policy"]), *_times(fields), verdict, _confidence(fields["confidence"])
    )


def _near_miss(fields: dict[str, object], legs: int) -> NearMissRow:
    times = _times(fields)
    return NearMissRow(_leg_of(fields, legs), _text(fields["policy"]), *times, _confidence(fields["confidence"]))


def _times(fields: dict[str, object]) -> tuple[int, int]:
    start_ms, end_ms = _count(fields["start_ms"]), _count(fields["end_ms"])
    if end_ms < start_ms:
        raise ValueError("ends before it starts")
    return start_ms, end_ms


def _leg_of(fields: dict[str, object], legs: int) -> int:
    leg = _count(fields["leg"])
    if leg >= legs:
        raise ValueError("there is no such leg")
    return leg


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _label(value: object) -> str | None:
    return None if value is None else _text(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a count")
    return value


def _confidence(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise TypeError("not a probability")
    return float(value)
