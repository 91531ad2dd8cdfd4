"""Labelled words: what generators and corpora yield, what augmentation changes and what training reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

LABELS = (
    "person_name",
    "location",
    "organization",
    "occupation",
    "medical_condition",
    "medical_process",
    "drug",
    "injury",
    "blood_type",
    "nationality",
    "religion",
    "political_affiliation",
    "event",
    "language",
    "date",
    "date_of_birth",
    "person_age",
    "money_amount",
    "email_address",
    "number_sequence",
)
"""In the order of the model's outputs: 0 is "none", 1 + k begins and 1 + len(LABELS) + k continues LABELS[k]."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its label or None, the number of its span (shared by one entity), and whether training may use it."""

    text: str
    label: str | None = None
    span: int = -1
    known: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """The other party's last turn, the speaker's words, and where they come from."""

    previous: tuple[str, ...]
    words: tuple[Word, ...]
    source: str = ""
    open: frozenset[int] = field(default_factory=frozenset)
    """Numbers of the spans that go on past the last word."""


def from_spans(text: str, spans: list[tuple[int, int, str]]) -> tuple[Word, ...]:
    """Words of `text` with the label of the span they overlap; `spans` are character ranges."""
    words: list[Word] = []
    at = 0
    for token in text.split():
        start = text.index(token, at)
        at = start + len(token)
        found = next(
            ((number, label) for number, (first, last, label) in enumerate(spans) if first < at and start < last), None
        )
        words.append(Word(token) if found is None else Word(token, found[1], found[0]))
    return tuple(words)


def join(*parts: tuple[Word, ...]) -> tuple[Word, ...]:
    """Puts parts one after another and numbers the spans anew."""
    words: list[Word] = []
    used = 0
    for part in parts:
        words += [replace(word, span=word.span + used) if word.span >= 0 else word for word in part]
        used = max([used, *(word.span + 1 for word in words)])
    return tuple(words)


def targets(words: tuple[Word, ...]) -> list[int]:
    """The output index of every word: 0, or begin / inside of its label."""
    result: list[int] = []
    for index, word in enumerate(words):
        if word.label is None:
            result.append(0)
            continue
        inside = index > 0 and words[index - 1].span == word.span
        result.append(1 + LABELS.index(word.label) + len(LABELS) * inside)
    return result
