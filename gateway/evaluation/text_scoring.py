"""What a detector finds in labelled lines of text, held against the labels. Only letters and digits are counted.

- A label is **found** when at least half of its characters are masked as its own policy.
- A finding is **right** when it overlaps a label of its policy. It is neither right nor wrong when it overlaps a label
  that is optional or names its policy in `also`, or when it is a `number_sequence` over any label that holds a number.
  Otherwise it is wrong: of another kind when it overlaps a label, false when it overlaps none.
- A labelled character is **masked** when any finding covers it, whatever its policy: what is not masked leaks.
- A **hard negative**, a line that looks personal and is not, is flagged when it holds a wrong finding, unless all
  policies of the finding are in the line's `lenient`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from gateway.core.policy import Policy
from gateway.evaluation.spoken_words import is_number_word

FOUND_SHARE: Final = 0.5
"""A label is found when this share of its letters and digits is masked as its policy."""


class Half(StrEnum):
    """Lines of pairs with an even number are tuned on, those with an odd number are held out."""

    TUNED = "tuned"
    HELD_OUT = "held out"


@dataclass(frozen=True, slots=True)
class TextLabel:
    """Personal information in a line.

    `pieces`: (start, end) offsets, several when somebody talked into one number. `also`: other policies that rightly
    fire here. `optional`: neither rewarded nor punished.
    """

    policy: str
    pieces: tuple[tuple[int, int], ...]
    also: frozenset[str] = frozenset()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class TextLine:
    """A labelled line. `pair` joins the forms of one sentence; `previous` is what the other party said before it.

    `lenient`: policies that are not counted as wrong in this line, a hard negative.
    """

    name: str
    pair: int
    form: str
    text: str
    labels: tuple[TextLabel, ...] = ()
    previous: str = ""
    hard_negative: bool = False
    lenient: frozenset[str] = frozenset()

    @property
    def half(self) -> Half:
        """Which half of the set the line is in: all forms of a pair are in the same."""
        return Half.HELD_OUT if self.pair % 2 else Half.TUNED


@dataclass(frozen=True, slots=True)
class Found:
    """`text[start:end]` is of one of `policies`, the likeliest first.

    Several are for detectors that do not tell some policies apart: being right in one of them is being right.
    """

    start: int
    end: int
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextCounts:
    """Counts of one policy, or of all. `other_kind` and the rest of the wrong findings lie on labels and off them.

    `chars`, `masked`: labelled letters and digits, and those that any finding masks.
    """

    labels: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0
    other_kind: int = 0
    chars: int = 0
    masked: int = 0

    def __add__(self, other: TextCounts) -> TextCounts:
        return TextCounts(
            self.labels + other.labels,
            self.found + other.found,
            self.findings + other.findings,
            self.right + other.right,
            self.other_kind + other.other_kind,
            self.chars + other.chars,
            self.masked + other.masked,
        )

    @property
    def recall(self) -> float | None:
        """Share of labels found; None without labels."""
        return self.found / self.labels if self.labels else None

    @property
    def precision(self) -> float | None:
        """Share of findings that are right; None without findings."""
        return self.right / self.findings if self.findings else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of recall and precision; None without labels, 0 without findings."""
        if not self.labels:
            return None
        if not self.found or not self.right:
            return 0.0
        recall, precision = self.found / self.labels, self.right / self.findings
        return 2 * recall * precision / (recall + precision)

    @property
    def masked_share(self) -> float | None:
        """Share of labelled letters and digits that any finding masks; None without labels."""
        return self.masked / self.chars if self.chars else None


class Fault(StrEnum):
    """What went wrong: a label whose characters leak, one masked as something else, a finding that is not right."""

    MISSED = "missed"
    MASKED_AS_OTHER = "masked as other"
    OTHER_KIND = "other kind"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A label not found, or a wrong finding, at `start:end` of the line. Holds none of the text."""

    line: str
    fault: Fault
    policy: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LineScore:
    """Counts by policy; `other` letters and digits that no label covers, and how many of them findings mask.

    Findings that are neither right nor wrong do not count there.
    """

    by_policy: Mapping[str, TextCounts] = field(default_factory=dict)
    flagged: bool = False
    other: int = 0
    other_masked: int = 0
    mistakes: tuple[Mistake, ...] = ()


def read_lines(path: Path) -> tuple[TextLine, ...]:
    """The lines of a JSON lines file in the format of the labelled set, of all forms.

    A row has `id`, `pair` (a name that ends in a number), `form`, `text`, `spans` (`type`, `start`, `end`, and where
    they apply `optional`, `also`, `group`), and where they apply `prev`, `hard_negative`, `lenient`.
    Raises OSError when the file cannot be read; ValueError, KeyError or TypeError when it has another format.
    """
    return tuple(_line(json.loads(row)) for row in path.read_text(encoding="utf-8").splitlines() if row.strip())


def _line(row: Mapping[str, Any]) -> TextLine:
    return TextLine(
        name=row["id"],
        pair=int("".join(char for char in row["pair"] if char.isdigit())),
        form=row["form"],
        text=row["text"],
        labels=_labels(row["spans"]),
        previous=row.get("prev") or "",
        hard_negative=bool(row.get("hard_negative")),
        lenient=frozenset(row.get("lenient") or ()),
    )


def _labels(spans: Sequence[Mapping[str, Any]]) -> tuple[TextLabel, ...]:
    """Labels of a row; the pieces of a group become one."""
    labels: dict[object, TextLabel] = {}
    for number, span in enumerate(spans):
        key = (span["type"], span["group"]) if span.get("group") is not None else number
        before = labels.get(key, TextLabel(span["type"], ()))
        labels[key] = TextLabel(
            span["type"],
            (*before.pieces, (int(span["start"]), int(span["end"]))),
            before.also | frozenset(span.get("also") or ()),
            before.optional or bool(span.get("optional")),
        )
    return tuple(labels.values())


def score_line(line: TextLine, findings: Iterable[Found], policies: Collection[str]) -> LineScore:
    """Hold findings against the labels of a line. Only labels and findings of `policies` count."""
    solid = frozenset(index for index, char in enumerate(line.text) if char.isalnum())
    labels = [(label, solid & _span_of(label.pieces)) for label in line.labels]
    findings = [found for found in findings if not frozenset(policies).isdisjoint(found.policies)]
    counts: dict[str, TextCounts] = {}
    mistakes: list[Mistake] = []

    def count(policy: str, more: TextCounts) -> None:
        counts[policy] = counts.get(policy, TextCounts()) + more

    masked_as: dict[str, set[int]] = {}
    for found in findings:
        for policy in found.policies:
            masked_as.setdefault(policy, set()).update(solid.intersection(range(found.start, found.end)))
    masked = frozenset().union(*masked_as.values())
    for label, chars in labels:
        if label.optional or label.policy not in policies:
            continue
        is_found = len(chars & masked_as.get(label.policy, set())) >= FOUND_SHARE * len(chars)
        count(label.policy, TextCounts(labels=1, found=is_found, chars=len(chars), masked=len(chars & masked)))
        if not is_found:
            fault = Fault.MASKED_AS_OTHER if len(chars & masked) >= FOUND_SHARE * len(chars) else Fault.MISSED
            start, end = label.pieces[0][0], label.pieces[-1][1]
            mistakes.append(Mistake(line.name, fault, label.policy, start, end))

    labelled = frozenset().union(*(chars for _, chars in labels))
    wrongly_masked: set[int] = set()
    flagged = False
    for found in findings:
        chars = solid.intersection(range(found.start, found.end))
        touched = [label for label, label_chars in labels if chars & label_chars]
        right = [label.policy for label in touched if label.policy in found.policies and not label.optional]
        right = [policy for policy in right if policy in policies] or right
        if not chars or (not right and _is_neither(line, found, touched)):
            continue
        wrongly_masked |= chars - labelled
        if right:
            if right[0] in policies:
                count(right[0], TextCounts(findings=1, right=1))
        else:
            flagged = True
            fault = Fault.OTHER_KIND if touched else Fault.FALSE
            count(found.policies[0], TextCounts(findings=1, other_kind=bool(touched)))
            mistakes.append(Mistake(line.name, fault, found.policies[0], found.start, found.end))
    return LineScore(
        counts, line.hard_negative and flagged, len(solid - labelled), len(wrongly_masked), tuple(mistakes)
    )


def _span_of(pieces: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(index for start, end in pieces for index in range(start, end))


def _is_neither(line: TextLine, found: Found, touched: Iterable[TextLabel]) -> bool:
    """Whether a finding that is not right is not wrong either, by the line and the labels that it touches."""

    def holds_number(label: TextLabel) -> bool:
        return any(is_number_word(word) for start, end in label.pieces for word in line.text[start:end].split())

    return line.lenient.issuperset(found.policies) or any(
        label.optional
        or not label.also.isdisjoint(found.policies)
        or (found.policies == (Policy.NUMBER_SEQUENCE,) and holds_number(label))
        for label in touched
    )
