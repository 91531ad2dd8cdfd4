"""The report as JSON: scores of clips added up by set, half, group and speaker."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.core.policy import Policy
from gateway.core.strength import Strength
from gateway.evaluation.causes import CausesByPolicy
from gateway.evaluation.clip_run import ClipReport, Plan
from gateway.evaluation.labels import Clip, Half
from gateway.evaluation.results import Score, score_row
from gateway.evaluation.selectivity import Selectivity

FORMAT = 1
"""Goes up when a field changes its meaning."""

MOST_SPEAKERS = 8
"""Sets with more speakers are not told speaker by speaker."""


@dataclass(slots=True)
class Summary:
    """Reports of clips, added up."""

    by_lookahead: dict[int, Score] = field(default_factory=dict)
    by_strength: dict[Strength, Score] = field(default_factory=dict)
    causes: CausesByPolicy = field(default_factory=CausesByPolicy)
    selectivity: dict[Policy, Selectivity] = field(default_factory=dict)

    @classmethod
    def of(cls, reports: Iterable[ClipReport]) -> Summary:
        """Add reports up."""
        summary = cls()
        for report in reports:
            for lookahead_ms, score in report.by_lookahead.items():
                summary.by_lookahead.setdefault(lookahead_ms, Score()).add(score)
            for strength, score in report.by_strength.items():
                summary.by_strength.setdefault(strength, Score()).add(score)
            summary.causes.add(report.causes)
            for policy, selectivity in report.selectivity.items():
                summary.selectivity.setdefault(policy, Selectivity()).add(selectivity)
        return summary


def report_row(
    reports: Sequence[ClipReport],
    plan: Plan,
    *,
    engine: str | None,
    rate: int | None = None,
    texts: dict[str, Any] | None = None,
    explain: bool = False,
) -> dict[str, Any]:
    """The whole report. `engine` is None for another system's output. Only with `explain` it holds labelled words."""
    row: dict[str, Any] = {
        "format": FORMAT,
        "engine": engine,
        "lookahead_ms": plan.lookahead_ms,
        "lookaheads_ms": list(plan.lookaheads_ms),
        "policies": sorted(plan.policies),
        "rate": rate,
        "machine": f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
    }
    if reports:
        row["sets"] = {
            name: _set_row(own, plan) | ({"words": words_row(own, plan)} if explain else {})
            for name, own in _grouped(reports, lambda clip: clip.set_name).items()
        }
        row["all"] = _summary_row(Summary.of(reports), plan)
    if texts is not None:
        row["texts"] = texts
    return row


def _set_row(reports: Sequence[ClipReport], plan: Plan) -> dict[str, Any]:
    row = {"all": _summary_row(Summary.of(reports), plan)}
    halves = {half: [report for report in reports if report.clip.half is half] for half in Half}
    if all(halves.values()):
        row["halves"] = {half.value: _summary_row(Summary.of(own), plan) for half, own in halves.items()}
    groups = _grouped(reports, lambda clip: clip.group)
    if len(groups) > 1:
        row["groups"] = {name: _score_row(own, plan) for name, own in groups.items()}
    speakers = _grouped(reports, lambda clip: clip.speaker)
    if 1 < len(speakers) <= MOST_SPEAKERS:
        row["speakers"] = {name: _score_row(own, plan) for name, own in speakers.items()}
    row["clips"] = {report.clip.name: _score_row([report], plan) for report in reports}
    return row


def _grouped(reports: Sequence[ClipReport], key: Callable[[Clip], str]) -> dict[str, list[ClipReport]]:
    groups: dict[str, list[ClipReport]] = {}
    for report in reports:
        groups.setdefault(key(report.clip), []).append(report)
    return groups


def _score_row(reports: Sequence[ClipReport], plan: Plan) -> dict[str, Any]:
    return score_row(Summary.of(reports).by_lookahead[plan.lookahead_ms], plan.lookahead_ms)


def _summary_row(summary: Summary, plan: Plan) -> dict[str, Any]:
    main = summary.by_lookahead[plan.lookahead_ms]
    row = score_row(main, plan.lookahead_ms)
    row["lookahead"] = {str(ms): point_row(score, ms) for ms, score in sorted(summary.by_lookahead.items())}
    if summary.causes.total.speech_ms:
        row["causes"] = summary.causes.total.row() | {
            "policies": {policy.value: causes.row() for policy, causes in sorted(summary.causes.by_policy.items())}
        }
    if summary.by_strength:
        row["strengths"] = {
            strength.value: point_row(score, plan.lookahead_ms) for strength, score in summary.by_strength.items()
        }
    if summary.selectivity:
        row["selectivity"] = {policy.value: one.row() for policy, one in summary.selectivity.items()}
    return row


def words_row(reports: Sequence[ClipReport], plan: Plan) -> list[dict[str, Any]]:
    """Every leak, every labelled word in a caption, every false finding, with what was said and heard there."""
    rows: list[dict[str, Any]] = []
    for report in reports:
        score = report.by_lookahead[plan.lookahead_ms]
        for miss in score.audio.misses:
            row = _word_row(report, "leak", miss.policy, miss.leg, miss.start_ms, miss.end_ms, miss.text)
            rows.append(row | {"leaked_ms": miss.leaked_ms})
        for reveal in score.captions.reveals:
            at = reveal.start_ms
            row = _word_row(report, "caption", reveal.policy, reveal.leg, at, at, reveal.word)
            rows.append(row | {"heard": reveal.shown_as})
        for found in score.audio.false_findings:
            rows.append(_word_row(report, "false", found.policy, found.leg, found.start_ms, found.end_ms, found.text))
    return rows


def _word_row(
    report: ClipReport, kind: str, policy: str, leg: int, start_ms: int, end_ms: int, said: str
) -> dict[str, Any]:
    heard = report.heard[leg] if leg < len(report.heard) else ()
    return {
        "clip": report.clip.name,
        "kind": kind,
        "policy": policy,
        "leg": leg,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "said": said,
        "heard": " ".join(word.text for word in heard if word.start_ms < end_ms and word.end_ms > start_ms),
        "leaked_ms": 0,
    }


def point_row(score: Score, lookahead_ms: int) -> dict[str, Any]:
    """A score in short: one point of a curve."""
    row = score_row(score, lookahead_ms)
    return {
        "covered_share": row["total"]["covered_share"],
        "digit_covered_share": row["total"]["digit_covered_share"],
        "entities": row["total"]["entities"],
        "entities_covered": row["total"]["entities_covered"],
        "leaked_ms": row["total"]["leaked_ms"],
        "other_speech_covered_share": row["other_speech"]["covered_share"],
        "frame_f1": row["frame_f1"]["f1"],
        "word_f1": row["word_f1"]["f1"],
        "covered_late_ms": row["covered_late_ms"],
        "caption_words_shown": row["total"]["caption_words_shown"],
        "caption_delay_p50_ms": row["captions"]["delay_p50_ms"],
        "costs": row["costs"],
    }
