"""Runs labelled clips through the offline pipeline."""

from __future__ import annotations

import time
from collections.abc import Iterable

from gateway.asr.base import Recognizer
from gateway.core.detection import Detector
from gateway.core.events import CaptionUpdated, Output, RedactionDecided
from gateway.core.settings import Pace, SessionSettings
from gateway.media.timeline import ms_ceil, ms_floor
from gateway.runtime.offline import redact_pcm
from loadtest.caption_scoring import ShownCaption, ShownWord
from loadtest.labels import Clip, Samples
from loadtest.results import ClipResult, Outcome, judge
from loadtest.scoring import CoveredSpan


def clip_settings(clip: Clip, wanted: SessionSettings) -> SessionSettings:
    """The wanted settings, at the clip's rate and with its channels, without a clock."""
    return SessionSettings(
        policies=wanted.policies,
        encoding=wanted.encoding,
        sample_rate=clip.sample_rate,
        channels=clip.channels,
        substitution=wanted.substitution,
        masking=wanted.masking,
        lookahead_ms=wanted.lookahead_ms,
        captions=wanted.captions,
        pace=Pace.ELASTIC,
    )


def redact_clip(
    clip: Clip, samples: Samples, wanted: SessionSettings, recognizer: Recognizer, detector: Detector
) -> Outcome:
    """Redact a clip's samples in this process."""
    result = redact_pcm(samples, clip_settings(clip, wanted), recognizer, detector)
    return Outcome(
        result.audio, redactions_of(result.events, clip.sample_rate), captions_of(result.events, clip.sample_rate)
    )


def score_clip(
    set_name: str, clip: Clip, wanted: SessionSettings, recognizer: Recognizer, detector: Detector
) -> ClipResult:
    """Redact a clip and score what came out."""
    samples = clip.load()
    started = time.process_time()
    outcome = redact_clip(clip, samples, wanted, recognizer, detector)
    return judge(set_name, clip, samples, outcome, wanted.policies, time.process_time() - started)


def redactions_of(events: Iterable[Output], sample_rate: int) -> tuple[CoveredSpan, ...]:
    """The redactions among a session's outputs."""
    return tuple(
        CoveredSpan(
            event.leg, ms_floor(event.span.start, sample_rate), ms_ceil(event.span.end, sample_rate), event.policy
        )
        for event in events
        if isinstance(event, RedactionDecided)
    )


def captions_of(events: Iterable[Output], sample_rate: int) -> tuple[ShownCaption, ...]:
    """The captions among a session's outputs."""
    return tuple(
        ShownCaption(
            event.leg,
            event.turn,
            event.revision,
            tuple(
                ShownWord(word.text, ms_floor(word.span.start, sample_rate), ms_ceil(word.span.end, sample_rate))
                for word in event.words
            ),
        )
        for event in events
        if isinstance(event, CaptionUpdated)
    )
