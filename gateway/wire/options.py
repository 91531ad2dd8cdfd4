"""The options of a call, as a query string, to session settings.

Every mistake is an `OptionError` that names the option, what was given and what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from gateway.core.custom_policies import choose_policies
from gateway.core.policy import Substitution
from gateway.core.settings import Captions, Pace, SessionSettings
from gateway.core.strength import Strengths
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS, MAX_LOOKAHEAD_MS, MIN_LOOKAHEAD_MS
from gateway.errors import OptionError
from gateway.media.encoding import Encoding
from gateway.media.mask import Masking
from gateway.wire.own_terms import NO_DEFAULTS, Defaults, chosen_strengths, parse_terms

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
    "strength",
    "deny",
    "allow",
)
"""Every option, in the order of the documentation."""
REPEATED: Final = ("deny", "allow")
"""Options that may be given more than once: one term each."""
_MAX_FIELDS: Final = 512
TERM_SIGN: Final = ":"
"""What stands between a label and a term."""

_Choice = TypeVar("_Choice", bound=StrEnum)
_Value = TypeVar("_Value")


def parse_options(query: str, defaults: Defaults = NO_DEFAULTS) -> SessionSettings:
    """Read "encoding=mulaw&sample_rate=8000&policies=all"; `query` is percent-encoded, without the question mark.

    `defaults` are the operator's. Raises OptionError for an unknown, repeated, missing or impossible option.
    """
    given, terms_given = _fields(query)
    chosen = choose_policies(given.get("policies", ""), defaults.custom)
    terms = defaults.terms.joined(parse_terms(terms_given["deny"], terms_given["allow"], TERM_SIGN))

    def strengths(text: str) -> Strengths:
        return chosen_strengths(text, defaults.custom, terms.labels)

    return SessionSettings(
        policies=chosen.built_in,
        encoding=_choice(given, "encoding", Encoding.PCM_S16LE),
        sample_rate=_number(given, "sample_rate", SAMPLE_RATES, 16_000),
        channels=_number(given, "channels", CHANNELS, 1),
        substitution=_choice(given, "sub", Substitution.HASH),
        masking=_choice(given, "audio", Masking.TONE),
        lookahead_ms=_read(given, "lookahead_ms", parse_lookahead, DEFAULT_LOOKAHEAD_MS),
        captions=_choice(given, "captions", Captions.PARTIAL),
        pace=_choice(given, "pace", Pace.REALTIME),
        strengths=_read(given, "strength", strengths, defaults.strengths),
        custom=chosen.custom,
        terms=terms,
    )


def query_of(settings: SessionSettings) -> str:
    """The query string that asks for these settings: `parse_options` reads it."""
    fields = {name: value for name, value in settings_in_force(settings).items() if name not in REPEATED}
    pairs = [(name, ",".join(value) if isinstance(value, list) else value) for name, value in fields.items()]
    pairs += [("deny", f"{label}{TERM_SIGN}{term}") for label, terms in settings.terms.deny for term in terms]
    pairs += [("allow", term) for term in settings.terms.allow]
    return urlencode(pairs, safe=",:")


def settings_in_force(settings: SessionSettings) -> Mapping[str, str | int | list[str] | dict[str, int]]:
    """What a session runs with, under the names of the options; policies in the order of the documentation.

    Terms may be private, and are only counted.
    """
    return {
        "encoding": settings.encoding.value,
        "sample_rate": settings.sample_rate,
        "channels": settings.channels,
        "policies": list(settings.policy_names),
        "sub": settings.substitution.value,
        "audio": settings.masking.value,
        "lookahead_ms": settings.lookahead_ms,
        "captions": settings.captions.value,
        "pace": settings.pace.value,
        "strength": str(settings.strengths),
        "deny": {label: len(terms) for label, terms in settings.terms.deny},
        "allow": len(settings.terms.allow),
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


def _fields(query: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The options that are given once, and those of `REPEATED`."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="replace")
    except ValueError:
        raise OptionError(f"there are more than {_MAX_FIELDS} options; allowed: {', '.join(NAMES)}") from None
    given: dict[str, str] = {}
    repeated: dict[str, list[str]] = {name: [] for name in REPEATED}
    for name, value in pairs:
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise OptionError(f"there is no option {_shown(name)}{hint}; allowed: {', '.join(NAMES)}")
        if name in repeated:
            repeated[name].append(value)
            continue
        if name in given:
            raise OptionError(f"{name}: given more than once")
        given[name] = value
    return given, repeated


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
