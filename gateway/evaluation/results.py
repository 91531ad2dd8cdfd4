"""What came of a clip, its score, and scores of many clips added up and written as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gateway.core.policy import Policy
from gateway.evaluation.audio_scoring import score_audio
from gateway.evaluation.caption_scoring import CaptionScore, ShownCaption, WordCount, score_captions
from gateway.evaluation.figures import AudioScore, Coverage, CoveredSpan, share
from gateway.evaluation.labels import Clip, Samples
from gateway.evaluation.localisation import Hits


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a clip. `audio` is None when nothing usable did, `redactions` when none are reported."""

    audio: Samples | None = field(repr=False)
    redactions: tuple[CoveredSpan, ...] | None
    captions: tuple[ShownCaption, ...]


@dataclass(slots=True)
class Costs:
    """Measured compute seconds of every step of recognition and of detection; steps that were merged for lateness."""

    recognition_s: list[float] = field(default_factory=list)
    detection_s: list[float] = field(default_factory=list)
    merged_steps: int = 0

    def add(self, other: Costs) -> None:
        """Count `other` in."""
        self.recognition_s += other.recognition_s
        self.detection_s += other.detection_s
        self.merged_steps += other.merged_steps


@dataclass(slots=True)
class Score:
    """Audio and captions of one clip or several, and what the steps cost where that was measured."""

    clips: int = 0
    legs_ms: int = 0
    audio: AudioScore = field(default_factory=AudioScore)
    captions: CaptionScore = field(default_factory=CaptionScore)
    costs: Costs = field(default_factory=Costs)

    def add(self, other: Score) -> None:
        """Count `other` in."""
        self.clips += other.clips
        self.legs_ms += other.legs_ms
        self.audio.add(other.audio)
        self.captions.add(other.captions)
        self.costs.add(other.costs)


@dataclass(frozen=True, slots=True)
class ClipResult:
    """The score of one clip."""

    clip: Clip
    score: Score


def judge(clip: Clip, original: Samples, outcome: Outcome, policies: frozenset[Policy]) -> Score:
    """Score what came of a clip."""
    audio = score_audio(clip.turns, clip.sample_rate, original, outcome.audio, outcome.redactions, policies)
    captions = score_captions(clip.turns, outcome.captions, policies)
    return Score(1, audio.audio_ms * clip.channels, audio, captions)


def total(results: Iterable[ClipResult]) -> Score:
    """All scores added up."""
    score = Score()
    for result in results:
        score.add(result.score)
    return score


def by_group(results: Sequence[ClipResult]) -> dict[str, Score]:
    """Scores added up for each group of clips, in order of appearance."""
    groups = dict.fromkeys(result.clip.group for result in results)
    return {group: total(result for result in results if result.clip.group == group) for group in groups}


def percentile(values: Sequence[float], percent: float) -> float | None:
    """A percentile, interpolated; None without values."""
    return float(np.percentile(values, percent)) if values else None


def score_row(score: Score, lookahead_ms: int) -> dict[str, Any]:
    """A score as a JSON object, without any words."""
    audio, captions = score.audio, score.captions
    none = WordCount()
    hours = audio.audio_ms / 3_600_000
    return {
        "clips": score.clips,
        "audio_ms": audio.audio_ms,
        "total": _coverage_row(audio.total) | _shown_row(captions.total),
        "policies": {
            policy.value: _coverage_row(coverage) | _shown_row(captions.by_policy.get(policy, none))
            for policy, coverage in sorted(audio.by_policy.items())
        },
        "other_speech": {
            **asdict(audio.other),
            "covered_share": share(audio.other.covered_ms, audio.other.speech_ms),
        },
        "read_backs": {
            **asdict(audio.read_backs),
            "covered_share": share(audio.read_backs.covered_ms, audio.read_backs.speech_ms),
        },
        "false_regions": audio.false_regions,
        "false_regions_per_hour": share(audio.false_regions, hours),
        "frame_f1": hits_row(audio.localisation.frames),
        "word_f1": hits_row(audio.localisation.words),
        "covered_late_ms": audio.covered_late_ms,
        "unreported_samples": audio.unreported_samples,
        "reshaped": audio.reshaped,
        "captions": _captions_row(captions, lookahead_ms),
        "costs": _costs_row(score),
    }


def hits_row(hits: Hits) -> Mapping[str, Any]:
    """Counts with precision, recall and F1."""
    return asdict(hits) | {"precision": hits.precision, "recall": hits.recall, "f1": hits.f1}


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
        "leaked_share": share(coverage.leaked_ms, coverage.speech_ms),
        "covered_share": coverage.covered_share,
        "digit_covered_share": coverage.digit_covered_share,
        "digits_leaked": coverage.digits_leaked,
        "digits_leaked_per_number": share(coverage.digits_leaked, coverage.numbers),
    }


def _shown_row(count: WordCount) -> dict[str, int]:
    return {"caption_words": count.words, "caption_words_shown": count.shown}


def _captions_row(captions: CaptionScore, lookahead_ms: int) -> dict[str, Any]:
    return {
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
    }


def _costs_row(score: Score) -> dict[str, Any]:
    costs = score.costs
    seconds = sum(costs.recognition_s) + sum(costs.detection_s)
    return {
        "steps": len(costs.recognition_s),
        "merged_steps": costs.merged_steps,
        "cpu_s_per_leg_second": share(seconds * 1000, score.legs_ms) if seconds else None,
        "detection_share_of_recognition": share(sum(costs.detection_s), sum(costs.recognition_s)),
        **{
            f"{name}_p{percent}_ms": None if (value := percentile(values, percent)) is None else value * 1000
            for name, values in (("recognition", costs.recognition_s), ("detection", costs.detection_s))
            for percent in (50, 99)
        },
    }
