"""Measures a detector on labelled lines of text: recall, precision and F1 for each policy, form and half of the set.

Pure: the lines and the detector come in, figures come out. What the figures mean: `gateway.evaluation.text_scoring`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from gateway.core.policy import Policy
from gateway.evaluation.text_scoring import (
    Found,
    Half,
    LineScore,
    Mistake,
    TextCounts,
    TextLine,
    read_lines,
    score_line,
)
from gateway.pii.text import find_spans

TextDetector = Callable[[str, str], Sequence[Found]]
"""Finds personal information in a text; the second argument is what the other party said before, or empty."""

NUMERIC: Final = frozenset(
    {
        Policy.NUMBER_SEQUENCE,
        Policy.DATE_OF_BIRTH,
        Policy.DATE,
        Policy.PHONE_NUMBER,
        Policy.US_SOCIAL_SECURITY_NUMBER,
        Policy.CREDIT_CARD_NUMBER,
        Policy.CREDIT_CARD_EXPIRATION,
        Policy.CREDIT_CARD_CVV,
        Policy.MONEY_AMOUNT,
        Policy.PERSON_AGE,
        Policy.DRIVERS_LICENSE,
        Policy.BANKING_INFORMATION,
    }
)
"""Policies of which every label holds a number."""


def own_detector(policies: Collection[str]) -> TextDetector:
    """The detector of this gateway, switched on for `policies`."""
    chosen = frozenset(map(Policy, policies))

    def detect(text: str, previous: str) -> tuple[Found, ...]:
        return tuple(Found(span.start, span.end, (span.policy,)) for span in find_spans(text, chosen, previous))

    return detect


@dataclass(frozen=True, slots=True)
class TextScore:
    """Figures of the lines of one form in one half of the set (`half` None: in both).

    `negatives`, `flagged`: hard negatives, and those with a wrong finding. `other`, `other_masked`: letters and digits
    outside all labels, and those that right or wrong findings mask.
    """

    form: str
    half: Half | None
    lines: int
    by_policy: Mapping[str, TextCounts]
    negatives: int
    flagged: int
    other: int
    other_masked: int
    mistakes: tuple[Mistake, ...]

    @property
    def total(self) -> TextCounts:
        """The counts of all policies added up."""
        return sum(self.by_policy.values(), TextCounts())

    @property
    def numeric(self) -> TextCounts:
        """The counts of the policies in `NUMERIC` added up."""
        return sum((counts for policy, counts in self.by_policy.items() if policy in NUMERIC), TextCounts())

    @property
    def mean_f1(self) -> float | None:
        """Mean of the F1 of all policies that have labels, each policy counting the same; None without labels."""
        values = [counts.f1 for counts in self.by_policy.values() if counts.f1 is not None]
        return sum(values) / len(values) if values else None

    @property
    def flagged_share(self) -> float | None:
        """Share of hard negatives with a wrong finding; None without hard negatives."""
        return self.flagged / self.negatives if self.negatives else None

    @property
    def other_masked_share(self) -> float | None:
        """Share of the letters and digits outside all labels that is masked; None when there are none."""
        return self.other_masked / self.other if self.other else None

    def row(self) -> dict[str, Any]:
        """As a JSON object, without text of the lines."""
        return {
            "form": self.form,
            "half": self.half or "both",
            "lines": self.lines,
            "hard_negatives": self.negatives,
            "flagged": self.flagged,
            "flagged_share": self.flagged_share,
            "other_masked_share": self.other_masked_share,
            "mean_f1": self.mean_f1,
            "all": _counts_row(self.total),
            "numeric": _counts_row(self.numeric),
            "policies": {policy: _counts_row(counts) for policy, counts in sorted(self.by_policy.items())},
        }


@dataclass(frozen=True, slots=True)
class TextReport:
    """Figures of a detector: for every form a score of each half and of both."""

    policies: tuple[str, ...]
    scores: tuple[TextScore, ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that the lines have, in order of appearance."""
        return tuple(dict.fromkeys(score.form for score in self.scores))

    def score(self, form: str, half: Half | None = None) -> TextScore:
        """The figures of a form. Raises KeyError when there are no such lines."""
        for score in self.scores:
            if (score.form, score.half) == (form, half):
                return score
        raise KeyError(form)

    def row(self) -> dict[str, Any]:
        """As a JSON object, without text of the lines."""
        return {"policies": list(self.policies), "scores": [score.row() for score in self.scores]}

    def markdown(self) -> str:
        """Two tables: all policies together for each form and half, and every policy for each form in both halves."""
        lines = [
            "| form | half | lines | recall | precision | F1 | mean F1 of policies | numeric recall "
            "| characters masked | others masked | hard negatives flagged |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for score in self.scores:
            total = score.total
            cells = [
                score.form,
                score.half or "both",
                str(score.lines),
                *map(ratio, (total.recall, total.precision, total.f1, score.mean_f1, score.numeric.recall)),
                percent(total.masked_share),
                percent(score.other_masked_share),
                f"{score.flagged} of {score.negatives}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
        wholes = [self.score(form) for form in self.forms]
        heads = [
            f"{name}, {score.form}" for score in wholes for name in ("labels", "recall", "precision", "F1", "masked")
        ]
        lines += ["", f"| policy | {' | '.join(heads)} |", f"| --- |{' ---: |' * len(heads)}"]
        for policy in self.policies:
            cells = []
            for score in wholes:
                counts = score.by_policy.get(policy, TextCounts())
                cells += [str(counts.labels), *map(ratio, (counts.recall, counts.precision, counts.f1))]
                cells.append(percent(counts.masked_share))
            lines.append(f"| `{policy}` | {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"


def evaluate_texts(
    path: Path, policies: Collection[str] | None = None, detector: TextDetector | None = None
) -> TextReport:
    """Measure a detector on a file of labelled lines.

    `policies`: those that count, None for all that the file labels. `detector`: None for the gateway's own, switched
    on for those policies. Raises what `read_lines` does.
    """
    lines = read_lines(path)
    chosen = labelled_policies(lines) if policies is None else tuple(policies)
    return evaluate_lines(lines, chosen, detector or own_detector(chosen))


def evaluate_lines(lines: Iterable[TextLine], policies: Collection[str], detector: TextDetector) -> TextReport:
    """Measure a detector on labelled lines."""
    scored = [(line, score_line(line, detector(line.text, line.previous), policies)) for line in lines]
    forms = dict.fromkeys(line.form for line, _ in scored)
    halves = (*Half, None)
    scores = [
        _add_up(
            form, half, [(line, score) for line, score in scored if line.form == form and half in (None, line.half)]
        )
        for form in forms
        for half in halves
    ]
    return TextReport(tuple(policies), tuple(score for score in scores if score.lines))


def labelled_policies(lines: Iterable[TextLine]) -> tuple[str, ...]:
    """The policies of all labels, in order of their names."""
    return tuple(sorted({label.policy for line in lines for label in line.labels}))


def ratio(value: float | None) -> str:
    """A ratio for a table; "-" when there is none."""
    return "-" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """A share for a table; "-" when there is none."""
    return "-" if value is None else f"{100 * value:.1f} %"


def _add_up(form: str, half: Half | None, scored: Sequence[tuple[TextLine, LineScore]]) -> TextScore:
    by_policy: dict[str, TextCounts] = {}
    for _, score in scored:
        for policy, counts in score.by_policy.items():
            by_policy[policy] = by_policy.get(policy, TextCounts()) + counts
    return TextScore(
        form,
        half,
        len(scored),
        dict(sorted(by_policy.items())),
        sum(line.hard_negative for line, _ in scored),
        sum(score.flagged for _, score in scored),
        sum(score.other for _, score in scored),
        sum(score.other_masked for _, score in scored),
        tuple(mistake for _, score in scored for mistake in score.mistakes),
    )


def _counts_row(counts: TextCounts) -> dict[str, Any]:
    shares = {"recall": counts.recall, "precision": counts.precision, "f1": counts.f1}
    return {**asdict(counts), **shares, "masked_share": counts.masked_share}
