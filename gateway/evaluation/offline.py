"""Labelled clips through the pipeline from media alone, and what a session said in the scorers' words."""

from __future__ import annotations

from dataclasses import replace

from gateway.asr.base import Recognizer
from gateway.core.detection import Detector
from gateway.core.events import CaptionUpdated, RedactionDecided
from gateway.core.settings import Pace, SessionSettings
from gateway.evaluation.caption_scoring import ShownCaption, ShownWord
from gateway.evaluation.figures import CoveredSpan
from gateway.evaluation.labels import Clip, Samples
from gateway.evaluation.results import Outcome
from gateway.media.timeline import ms_ceil, ms_floor
from gateway.runtime.offline import redact_pcm


def clip_settings(clip: Clip, wanted: SessionSettings, pace: Pace) -> SessionSettings:
    """The wanted settings, at the clip's rate and with its channels."""
    return replace(wanted, sample_rate=clip.sample_rate, channels=clip.channels, pace=pace)


def redact_clip(
    clip: Clip, samples: Samples, wanted: SessionSettings, recognizer: Recognizer, detector: Detector
) -> Outcome:
    """Redact a clip's samples, [samples, legs], as a file is: no deadline covers anything, no caption has a time."""
    result = redact_pcm(samples, clip_settings(clip, wanted, Pace.ELASTIC), recognizer, detector)
    rate = clip.sample_rate
    redactions = [redaction_of(event, rate) for event in result.events if isinstance(event, RedactionDecided)]
    captions = [caption_of(event, rate, None) for event in result.events if isinstance(event, CaptionUpdated)]
    return Outcome(result.audio, tuple(redactions), tuple(captions))


def redaction_of(event: RedactionDecided, sample_rate: int) -> CoveredSpan:
    """A reported redaction."""
    start, end = ms_floor(event.span.start, sample_rate), ms_ceil(event.span.end, sample_rate)
    return CoveredSpan(event.leg, start, end, event.policy)


def caption_of(event: CaptionUpdated, sample_rate: int, arrived_ms: float | None) -> ShownCaption:
    """A revision of a caption. `arrived_ms`: from the first sample of the call."""
    words = tuple(
        ShownWord(word.text, ms_floor(word.span.start, sample_rate), ms_ceil(word.span.end, sample_rate))
        for word in event.words
    )
    return ShownCaption(event.leg, event.turn, event.revision, words, arrived_ms)
