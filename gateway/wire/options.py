"""The options of a call, as a query string, to session settings.

Every mistake is an `OptionError` that names the option, what was given and what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from gateway.core.policy import Policy, Substitution, parse_policies
from gateway.core.settings import Captions, Pace, SessionSettings
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS, MAX_LOOKAHEAD_MS, MIN_LOOKAHEAD_MS
from gateway.errors import OptionError
from gateway.media.encoding import Encoding
from gateway.media.mask import Masking

SAMPLE_RATES: Final = (8_000, 16_000, 24_000, 48_000)
CHANNELS: Final = (1, 2)
NAMES: Final = (
    "encoding",
    "sample_rate",
    "channels",
    "policies",
    "sub",
    "audio",
    "lookahead_ms",
    "captions",
    "pace",
)
"""Every option, in the order of the documentation."""
_MAX_FIELDS: Final = 64

_Choice = TypeVar("_Choice", bound=StrEnum)
_Value = TypeVar("_Value")


def parse_options(query: str) -> SessionSettings:
    """Read "encoding=mulaw&sample_rate=8000&policies=all"; `query` is percent-encoded, without the question mark.

    Raises OptionError for an unknown, repeated, missing or impossible option.
    """
    given = _fields(query)
    return SessionSettings(
        policies=_read(given, "policies", parse_policies, frozenset()) or parse_policies(""),
        encoding=_choice(given, "encoding", Encoding.PCM_S16LE),
        sample_rate=_number(given, "sample_rate", SAMPLE_RATES, 16_000),
        channels=_number(given, "channels", CHANNELS, 1),
        substitution=_choice(given, "sub", Substitution.HASH),
        masking=_choice(given, "audio", Masking.TONE),
        lookahead_ms=_read(given, "lookahead_ms", parse_lookahead, DEFAULT_LOOKAHEAD_MS),
        captions=_choice(given, "captions", Captions.PARTIAL),
        pace=_choice(given, "pace", Pace.REALTIME),
    )


def settings_in_force(settings: SessionSettings) -> Mapping[str, str | int | list[str]]:
    """What a session runs with, under the names of the options; policies in the order of the documentation."""
    return {
        "encoding": settings.encoding.value,
        "sample_rate": settings.sample_rate,
        "channels": settings.channels,
        "policies": [policy.value for policy in Policy if policy in settings.policies],
        "sub": settings.substitution.value,
        "audio": settings.masking.value,
        "lookahead_ms": settings.lookahead_ms,
        "captions": settings.captions.value,
        "pace": settings.pace.value,
    }


def parse_lookahead(text: str) -> int:
    """Whole milliseconds within the limits. Raises OptionError."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if not MIN_LOOKAHEAD_MS <= number <= MAX_LOOKAHEAD_MS:
        raise OptionError(
            f"lookahead_ms: {_shown(text)} is not allowed; allowed: whole milliseconds from {MIN_LOOKAHEAD_MS} "
            f"to {MAX_LOOKAHEAD_MS}"
        )
    return number


def _fields(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="replace")
    except ValueError:
        raise OptionError(f"there are more than {_MAX_FIELDS} options; allowed: {', '.join(NAMES)}") from None
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise OptionError(f"there is no option {_shown(name)}{hint}; allowed: {', '.join(NAMES)}")
        if name in given:
            raise OptionError(f"{name}: given more than once")
        given[name] = value
    return given


def _read(given: dict[str, str], name: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
    return parse(given[name]) if name in given else default


def _choice(given: dict[str, str], name: str, default: _Choice) -> _Choice:
    kind = type(default)

    def parse(text: str) -> _Choice:
        if text not in set(kind):
            raise OptionError(f"{name}: {_shown(text)} is not allowed; allowed: {', '.join(kind)}")
        return kind(text)

    return _read(given, name, parse, default)


def _number(given: dict[str, str], name: str, allowed: tuple[int, ...], default: int) -> int:
    def parse(text: str) -> int:
        for number in allowed:
            if text == str(number):
                return number
        raise OptionError(f"{name}: {_shown(text)} is not allowed; allowed: {', '.join(map(str, allowed))}")

    return _read(given, name, parse, default)


def _shown(text: str) -> str:
    """What the peer wrote, short, quoted, with nothing in it that could act on a terminal."""
    return ascii(text if len(text) <= 40 else text[:40] + "...")
