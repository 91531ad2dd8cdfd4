"""Figures of text detectors side by side, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.evaluation.texts import TextReport, TextScore, percent, ratio

COMMAND = "make bench-detection"

_HEADS = (
    "recall",
    "precision",
    "F1",
    "numeric recall",
    "characters masked",
    "others masked",
    "hard negatives flagged",
    "ms a line",
    "times the gateway's",
)


@dataclass(frozen=True, slots=True)
class System:
    """A detector's figures. `about`: version and how it is set up. `ms_per_line`: milliseconds of detection alone."""

    name: str
    about: str
    report: TextReport
    ms_per_line: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A peer and this gateway on the policies which the peer sets out to find, the gateway switched on for these.

    `peers`: the same peer, once for each threshold.
    """

    own: System
    peers: tuple[System, ...]


def tables(systems: Sequence[System], comparisons: Sequence[Comparison]) -> str:
    """All tables: what was run, all policies, the halves, the peers' own kinds, every policy. The gateway is first."""
    own = systems[0]
    forms = own.report.forms
    count = sum(own.report.score(form).lines for form in forms)
    parts = [f"`{COMMAND}`, {count} lines, {len(own.report.policies)} labelled policies. What was run:", ""]
    parts += [f"- **{system.name}**: {system.about}" for system in systems]
    parts += ["", "All labelled policies:", "", *_head("system", "form")]
    parts += [_row((system.name, form), system.report.score(form), system, own) for form in forms for system in systems]
    parts += ["", "The gateway on the half that is tuned on and the half that is held out:", "", *_head("form", "half")]
    parts += [_row((score.form, score.half), score, own, own) for score in own.report.scores if score.half]
    for compared in comparisons:
        policies = ", ".join(f"`{policy}`" for policy in compared.own.report.policies)
        parts += [
            "",
            f"Only what {compared.peers[0].name} sets out to find ({policies}):",
            "",
            *_head("system", "form"),
        ]
        parts += [
            _row((system.name, form), system.report.score(form), system, own)
            for form in forms
            for system in (compared.own, *compared.peers)
        ]
    parts += ["", "Recall / precision of every policy:", "", *_by_policy(systems)]
    return "\n".join(parts) + "\n"


def _head(*names: str) -> list[str]:
    return [f"| {' | '.join((*names, *_HEADS))} |", f"|{' --- |' * len(names)}{' ---: |' * len(_HEADS)}"]


def _row(names: Sequence[str], score: TextScore, system: System, own: System) -> str:
    total = score.total
    cells = [
        *names,
        *map(ratio, (total.recall, total.precision, total.f1, score.numeric.recall)),
        percent(total.masked_share),
        percent(score.other_masked_share),
        f"{score.flagged} of {score.negatives}",
        f"{system.ms_per_line:.2f}",
        f"{system.ms_per_line / own.ms_per_line:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _by_policy(systems: Sequence[System]) -> list[str]:
    own = systems[0].report
    heads = [f"{system.name}, {form}" for form in own.forms for system in systems]
    lines = [f"| policy | labels | {' | '.join(heads)} |", f"| --- | ---: |{' ---: |' * len(heads)}"]
    for policy in own.policies:
        counts = [system.report.score(form).by_policy.get(policy) for form in own.forms for system in systems]
        cells = [f"{ratio(count.recall)} / {ratio(count.precision)}" if count else "-" for count in counts]
        labels = max(count.labels for count in counts if count)
        lines.append(f"| `{policy}` | {labels} | {' | '.join(cells)} |")
    return lines
