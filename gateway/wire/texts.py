"""Redaction of text: one JSON object in, one out, the same over HTTP and in the lines of `redact-text`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeGuard

from gateway.core.custom_policies import ChosenPolicies, choose_policies
from gateway.core.policy import Substitution
from gateway.core.settings import DetectionSettings
from gateway.core.strength import Strengths
from gateway.core.terms import Terms
from gateway.errors import OptionError
from gateway.wire.own_terms import NO_DEFAULTS, Defaults, chosen_strengths

MAX_TEXT_CHARS: Final = 20_000
FIELDS: Final = ("text", "prev", "policies", "sub", "strength", "deny", "allow")


@dataclass(frozen=True, slots=True)
class TextRequest:
    """What is to be redacted. `prev` is the other party's last turn; it is read, not redacted."""

    text: str = field(repr=False)
    detection: DetectionSettings
    strengths: Strengths
    prev: str | None = field(default=None, repr=False)
    substitution: Substitution = Substitution.HASH


def text_answer(
    text: str, spans: Iterable[tuple[int, int, str, float]]
) -> dict[str, str | list[dict[str, str | int | float]]]:
    """The answer, ready for `json.dumps`: redacted text, and (start, end, policy, confidence) of what was redacted.

    Start and end are character offsets into the text that came in.
    """
    rows: list[dict[str, str | int | float]] = [
        {"start": start, "end": end, "policy": policy, "confidence": round(confidence, 3)}
        for start, end, policy, confidence in spans
    ]
    return {"text": text, "spans": rows}


def parse_text_request(
    given: object,
    defaults: Defaults = NO_DEFAULTS,
    policies: ChosenPolicies | None = None,
    substitution: Substitution = Substitution.HASH,
) -> TextRequest:
    """Read {"text", "prev"?, "policies"?, "sub"?, ...}; the arguments hold where the object says nothing.

    "policies" is a list of names, or a string as in "date,phone_number" or "all"; "deny" is {LABEL: [term, ...]},
    "allow" a list of terms; both are added to those of `defaults`.
    Raises OptionError, which names fields and what is allowed, and never holds a text.
    """
    if not isinstance(given, Mapping):
        raise OptionError(f"a JSON object is needed; its fields: {', '.join(FIELDS)}")
    if unknown := [name for name in given if name not in FIELDS]:
        raise OptionError(f"{len(unknown)} unknown field(s); allowed: {', '.join(FIELDS)}")
    text, prev = given.get("text"), given.get("prev")
    if not isinstance(text, str):
        raise OptionError("text: a string is needed")
    if not isinstance(prev, str | None):
        raise OptionError("prev: a string is needed, what the other party said just before")
    if len(text) > MAX_TEXT_CHARS or len(prev or "") > MAX_TEXT_CHARS:
        raise OptionError(f"text, prev: at most {MAX_TEXT_CHARS} characters are allowed")
    if "policies" in given or policies is None:
        policies = _policies(given.get("policies", ""), defaults)
    if "sub" in given:
        substitution = _substitution(given["sub"])
    terms = defaults.terms.joined(_terms(given))
    strengths = defaults.strengths
    if "strength" in given:
        if not isinstance(given["strength"], str):
            raise OptionError("strength: a string is needed, such as balanced,person_name:strict")
        strengths = chosen_strengths(given["strength"], defaults.custom, terms.labels)
    detection = DetectionSettings(policies.built_in, policies.custom, terms)
    return TextRequest(_encodable(text), detection, strengths, prev and _encodable(prev), substitution)


def _encodable(text: str) -> str:
    """Half a surrogate pair, which JSON may hold and UTF-8 may not, becomes a question mark; lengths stay."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _terms(given: Mapping[str, object]) -> Terms:
    deny, allow = given.get("deny", {}), given.get("allow", [])
    if not isinstance(deny, Mapping) or not all(map(_is_list_of_texts, deny.values())):
        raise OptionError('deny: an object of lists is needed: {"LABEL": ["term", ...]}')
    if not _is_list_of_texts(allow):
        raise OptionError("allow: a list of terms is needed")
    return Terms.of(deny, allow)


def _is_list_of_texts(given: object) -> TypeGuard[list[str]]:
    return isinstance(given, list) and all(isinstance(text, str) for text in given)


def _policies(given: object, defaults: Defaults) -> ChosenPolicies:
    if _is_list_of_texts(given):
        return choose_policies(",".join(given), defaults.custom)
    if isinstance(given, str):
        return choose_policies(given, defaults.custom)
    raise OptionError("policies: a list of names is needed, or a string with commas")


def _substitution(given: object) -> Substitution:
    if isinstance(given, str) and given in set(Substitution):
        return Substitution(given)
    raise OptionError(f"sub: not allowed; allowed: {', '.join(Substitution)}")
