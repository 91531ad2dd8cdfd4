"""What came of a clip, its score, and scores of many clips added up and written as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gateway.core.policy import Policy
from loadtest.caption_scoring import CaptionScore, ShownCaption, ShownWord, score_captions
from loadtest.labels import Clip, Samples
from loadtest.scoring import AudioScore, Coverage, CoveredSpan, score_audio, share


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gateway made of a clip. `audio` is None when nothing usable came out.

    `heard[leg]`: what the recogniser wrote, in the clear; empty where it cannot be known.
    """

    audio: Samples | None = field(repr=False)
    redactions: tuple[CoveredSpan, ...]
    captions: tuple[ShownCaption, ...]
    heard: tuple[tuple[ShownWord, ...], ...] = field(default=(), repr=False)


@dataclass(slots=True)
class Score:
    """Audio and captions of one clip or several. `cpu_s`: CPU time spent on them, 0 where it was not measured."""

    clips: int = 0
    legs_ms: int = 0
    cpu_s: float = 0.0
    audio: AudioScore = field(default_factory=AudioScore)
    captions: CaptionScore = field(default_factory=CaptionScore)

    def add(self, other: Score) -> None:
        """Count `other` in."""
        self.clips += other.clips
        self.legs_ms += other.legs_ms
        self.cpu_s += other.cpu_s
        self.audio.add(other.audio)
        self.captions.add(other.captions)


@dataclass(frozen=True, slots=True)
class ClipResult:
    """The score of one clip of a set, and what the recogniser wrote."""

    set_name: str
    split: str
    name: str
    score: Score
    heard: tuple[tuple[ShownWord, ...], ...] = field(default=(), repr=False)

    def heard_at(self, leg: int, start_ms: int, end_ms: int) -> str:
        """What the recogniser wrote for a stretch of a leg."""
        words = self.heard[leg] if leg < len(self.heard) else ()
        return " ".join(word.text for word in words if word.start_ms < end_ms and word.end_ms > start_ms)


def judge(
    set_name: str, clip: Clip, original: Samples, outcome: Outcome, policies: frozenset[Policy], cpu_s: float = 0.0
) -> ClipResult:
    """Score what came of a clip."""
    audio = score_audio(clip.turns, clip.sample_rate, original, outcome.audio, outcome.redactions, policies)
    captions = score_captions(clip.turns, outcome.captions, policies)
    score = Score(1, audio.audio_ms * clip.channels, cpu_s, audio, captions)
    return ClipResult(set_name, clip.split, clip.name, score, outcome.heard)


def total(results: Iterable[ClipResult]) -> Score:
    """All scores added up."""
    score = Score()
    for result in results:
        score.add(result.score)
    return score


def by_split(results: Sequence[ClipResult]) -> dict[str, Score]:
    """Scores added up for each split, in order of appearance."""
    splits = dict.fromkeys(result.split for result in results)
    return {split: total(result for result in results if result.split == split) for split in splits}


def percentile(values: Sequence[float], percent: float) -> float | None:
    """A percentile, interpolated; None without values."""
    return float(np.percentile(values, percent)) if values else None


def score_row(score: Score, lookahead_ms: int, *, explain: bool = False) -> Mapping[str, Any]:
    """A score as a JSON object. Only with `explain` it holds labelled words."""
    audio, captions = score.audio, score.captions
    words = {
        policy: {"caption_words": count.words, "caption_words_shown": count.shown}
        for policy, count in captions.by_policy.items()
    }
    row: dict[str, Any] = {
        "clips": score.clips,
        "audio_ms": audio.audio_ms,
        "cpu_s_per_leg_second": share(score.cpu_s * 1000, score.legs_ms) if score.cpu_s else None,
        "by_rules": _coverage_row(audio.by_rules)
        | {
            "caption_words": captions.by_rules.words,
            "caption_words_shown": captions.by_rules.shown,
        },
        "by_tagger": _coverage_row(audio.by_tagger),
        "policies": {
            policy.value: {**_coverage_row(coverage), **words.get(policy, {})}
            for policy, coverage in sorted(audio.by_policy.items())
        },
        "other_speech": {
            **asdict(audio.other),
            "covered_share": share(audio.other.covered_ms, audio.other.speech_ms),
        },
        "covered_late_ms": audio.covered_late_ms,
        "false_findings": len(audio.false_findings),
        "unreported_samples": audio.unreported_samples,
        "reshaped": audio.reshaped,
        "captions": {
            "revisions": captions.captions,
            "revealing": captions.revealing_captions,
            "taken_back": captions.taken_back,
            "masked_after_shown": captions.masked_after_shown,
            "out_of_order": captions.out_of_order,
            "other_words": captions.other_words,
            "other_shown": captions.other_shown,
            "other_masked": captions.other_masked,
            "other_shown_share": share(captions.other_shown, captions.other_shown + captions.other_masked),
            "delay_p50_ms": percentile(captions.delays_ms, 50),
            "delay_p99_ms": percentile(captions.delays_ms, 99),
            "delay_in_time_share": in_time_share(captions, lookahead_ms),
        },
    }
    if explain:
        row["misses"] = [asdict(miss) for miss in audio.misses]
        row["reveals"] = [asdict(reveal) for reveal in captions.reveals]
        row["false"] = [asdict(found) for found in audio.false_findings]
    return row


CAPTION_SLACK_MS = 100
"""A caption is in time when it comes within the lookahead and this much of the word's end."""


def in_time_share(captions: CaptionScore, lookahead_ms: int) -> float | None:
    """Share of the shown other words whose caption came in time; None when no arrival is known."""
    in_time = sum(delay <= lookahead_ms + CAPTION_SLACK_MS for delay in captions.delays_ms)
    return share(in_time, len(captions.delays_ms))


def _coverage_row(coverage: Coverage) -> dict[str, Any]:
    return {
        **asdict(coverage),
        "leaked_ms": coverage.leaked_ms,
        "covered_share": coverage.covered_share,
        "digit_covered_share": coverage.digit_covered_share,
    }
