"""Policies that the operator defines, in TOML: what they find, and how they are chosen beside the built-in ones."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.core.patterns import Pattern
from gateway.core.policy import ALL, EVERYTHING, Policy, parse_policies
from gateway.core.terms import PATTERN_PREFIX, checked_terms
from gateway.errors import OptionError

MAX_POLICIES: Final = 100
MAX_VALUE_CHARS: Final = 40
_FIELDS: Final = ("name", "description", "terms", "patterns", "cues", "value")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
_VALUE: Final = re.compile(r"(digits|alphanumeric) +(\d{1,2})(?: *- *(\d{1,2}))?")
_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*policy[ \t]*\]\]", re.MULTILINE)


class ValueKind(StrEnum):
    """What follows a cue: digits, digits and letters, or what a regular expression matches."""

    DIGITS = "digits"
    ALPHANUMERIC = "alphanumeric"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class Value:
    """What a cue announces: `least` to `most` digits or characters; or `pattern`."""

    kind: ValueKind
    least: int = 1
    most: int = MAX_VALUE_CHARS
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class CustomPolicy:
    """`terms` and `patterns` are found wherever they are said, `value` after one of the `cues`. Hashable."""

    name: str
    description: str = ""
    terms: tuple[str, ...] = field(default=(), repr=False)
    patterns: tuple[str, ...] = field(default=(), repr=False)
    cues: tuple[str, ...] = ()
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class ChosenPolicies:
    """What is to be found: built-in policies and those of the operator."""

    built_in: frozenset[Policy]
    custom: tuple[CustomPolicy, ...] = ()


def choose_policies(text: str, known: Sequence[CustomPolicy] = ()) -> ChosenPolicies:
    """Read "phone_number,badge"; "all" and "everything" stand for the operator's policies, too.

    Raises OptionError, which names what is allowed, when nothing is chosen or a name is unknown.
    """
    by_name = {policy.name: policy for policy in known}
    names = [name.strip() for name in text.split(",") if name.strip()]
    rest = [name for name in names if name not in by_name]
    wanted = set(by_name) if {ALL, EVERYTHING}.intersection(names) else set(names)
    custom = tuple(policy for policy in known if policy.name in wanted)
    if custom and not rest:
        return ChosenPolicies(frozenset(), custom)
    try:
        return ChosenPolicies(parse_policies(",".join(rest)), custom)
    except OptionError as error:
        own = f"; of this gateway: {', '.join(by_name)}" if by_name else ""
        raise OptionError(f"{error}{own}") from None


def parse_custom_policies(content: str, where: str) -> tuple[CustomPolicy, ...]:
    """Read `[[policy]]` tables of TOML. Raises OptionError that begins with `where` and names policy, line and fix."""
    try:
        tables = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{where}: is not TOML: {error}") from None
    rows = tables.pop("policy", [])
    if tables or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        found = f"; there is no {next(iter(tables))[:40]!a}" if tables else ""
        raise OptionError(f"{where}: every policy begins with a line [[policy]]{found}")
    if not rows:
        raise OptionError(f"{where}: holds no policy; each begins with a line [[policy]]")
    if len(rows) > MAX_POLICIES:
        raise OptionError(f"{where}: {len(rows)} policies are too many; allowed: {MAX_POLICIES}")
    lines = [content.count("\n", 0, header.start()) + 1 for header in _HEADER.finditer(content)]
    policies: list[CustomPolicy] = []
    for number, row in enumerate(rows):
        line = f"line {lines[number]}" if len(lines) == len(rows) else f"policy {number + 1}"
        try:
            policies.append(_policy(row, [policy.name for policy in policies]))
        except OptionError as error:
            raise OptionError(f"{where}, {line}: {error}") from None
    return tuple(policies)


def _policy(row: dict[str, object], taken: Iterable[str]) -> CustomPolicy:
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise OptionError('name: is needed: lower-case letters, digits and _, such as name = "badge_number"')
    if name in {ALL, EVERYTHING, *Policy}:
        raise OptionError(f"name: {name} is the name of a built-in policy; choose another")
    if name in taken:
        raise OptionError(f"name: {name} is given twice")
    if unknown := [field_name for field_name in row if field_name not in _FIELDS]:
        raise OptionError(f"{name}: there is no field {unknown[0][:40]!a}; allowed: {', '.join(_FIELDS)}")
    description, value = row.get("description", ""), row.get("value")
    if not isinstance(description, str):
        raise OptionError(f"{name}: description: a string is needed")
    policy = CustomPolicy(
        name,
        description,
        _texts(row, name, "terms"),
        tuple(term.removeprefix(PATTERN_PREFIX) for term in _texts(row, name, "patterns", PATTERN_PREFIX)),
        _texts(row, name, "cues"),
        None if value is None else _value(value, name),
    )
    if bool(policy.cues) != (policy.value is not None):
        raise OptionError(f"{name}: cues and value: give both, a cue announces the value, or none")
    if not (policy.terms or policy.patterns or policy.cues):
        raise OptionError(f"{name}: finds nothing; give terms, patterns, or cues and value")
    return policy


def _texts(row: dict[str, object], name: str, field_name: str, prefix: str = "") -> tuple[str, ...]:
    given = row.get(field_name, [])
    texts = [text for text in given if isinstance(text, str)] if isinstance(given, list) else []
    if not isinstance(given, list) or len(texts) < len(given):
        raise OptionError(f'{name}: {field_name}: a list of strings is needed, such as {field_name} = ["..."]')
    if not prefix and (number := next((at for at, text in enumerate(texts, 1) if text.startswith(PATTERN_PREFIX)), 0)):
        raise OptionError(f"{name}: {field_name}: term {number} is a regular expression; these belong to patterns")
    return checked_terms([prefix + text for text in texts], f"{name}: {field_name}")


def _value(given: object, name: str) -> Value:
    allowed = f'allowed: "digits 4-8", "alphanumeric 3-12" (1 to {MAX_VALUE_CHARS}), or "re:" and a regular expression'
    if isinstance(given, str) and given.startswith(PATTERN_PREFIX):
        text = given.removeprefix(PATTERN_PREFIX)
        try:
            Pattern(text)
        except OptionError as error:
            raise OptionError(f"{name}: value: {error}") from None
        return Value(ValueKind.PATTERN, pattern=text)
    match = _VALUE.fullmatch(given.strip()) if isinstance(given, str) else None
    if match is None:
        raise OptionError(f"{name}: value: is not understood; {allowed}")
    least = int(match[2])
    most = int(match[3] or least)
    if not 1 <= least <= most <= MAX_VALUE_CHARS:
        raise OptionError(f"{name}: value: {least}-{most} is no range; {allowed}")
    return Value(ValueKind(match[1]), least, most)
