"""What users add to detection, as it is written in options and files; and what an operator adds to every session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.core.custom_policies import CustomPolicy, parse_custom_policies
from gateway.core.policy import Policy
from gateway.core.strength import Strengths, parse_strengths
from gateway.core.terms import NO_TERMS, Terms
from gateway.errors import OptionError

MAX_FILE_BYTES: Final = 8 << 20
_COMMENT: Final = "#"


@dataclass(frozen=True, slots=True)
class Defaults:
    """`strengths` hold where a session says nothing, `custom` may be chosen, `terms` are those of every session."""

    strengths: Strengths = field(default_factory=Strengths)
    custom: tuple[CustomPolicy, ...] = ()
    terms: Terms = NO_TERMS


NO_DEFAULTS: Final = Defaults()


def chosen_strengths(text: str, custom: Sequence[CustomPolicy] = (), labels: Sequence[str] = ()) -> Strengths:
    """Read "balanced,person_name:strict". Raises OptionError for a policy that is not there."""
    strengths = parse_strengths(text)
    own = [*(policy.name for policy in custom), *labels]
    if unknown := [name for name in strengths.by_policy if name not in {*Policy, *own}]:
        raise OptionError(f"strength: there is no policy {unknown[0][:40]!a}; allowed: {', '.join([*Policy, *own])}")
    return strengths


def parse_terms(deny: Iterable[str], allow: Iterable[str], sign: str) -> Terms:
    """Read "LABEL:term" (`sign` is what follows the label) and allowed terms. Raises OptionError."""
    denied: dict[str, list[str]] = {}
    for given in deny:
        label, found, term = given.partition(sign)
        if not found:
            raise OptionError(f"deny: a label is needed before the term: deny LABEL{sign}term")
        denied.setdefault(label.strip(), []).append(term)
    return Terms.of(denied, allow)


def read_terms(deny_file: Path | None, allow_file: Path | None) -> Terms:
    """Read files of one LABEL=term, or one allowed term, on each line; what begins with # is a comment.

    Raises OptionError that names the file.
    """
    try:
        denied = parse_terms(_lines(deny_file), (), "=") if deny_file else NO_TERMS
    except OptionError as error:
        raise OptionError(f"{deny_file}: {error}") from None
    try:
        allowed = parse_terms((), _lines(allow_file), "=") if allow_file else NO_TERMS
    except OptionError as error:
        raise OptionError(f"{allow_file}: {error}") from None
    return denied.joined(allowed)


def read_custom_policies(file: Path | None) -> tuple[CustomPolicy, ...]:
    """The policies of a TOML file; none without a file. Raises OptionError that names file, line and fix."""
    return parse_custom_policies(_text(file), str(file)) if file else ()


def _lines(file: Path) -> list[str]:
    lines = (line.strip() for line in _text(file).splitlines())
    return [line for line in lines if line and not line.startswith(_COMMENT)]


def _text(file: Path) -> str:
    try:
        with file.open("rb") as content:
            data = content.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise OptionError(f"{file}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE_BYTES:
        raise OptionError(f"{file}: is too big; allowed: {MAX_FILE_BYTES} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise OptionError(f"{file}: is not UTF-8 text") from None
