"""What a call of the load test leaked, covered and showed: the evaluation's scorer on the counted part of the call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gateway.evaluation.audio_scoring import score_audio
from gateway.evaluation.caption_scoring import ShownCaption, score_captions
from gateway.evaluation.figures import CoveredSpan
from gateway.evaluation.labels import LabelledTurn, Samples
from gateway.evaluation.results import Score
from gateway.media.activity import ActivityMeter
from gateway.media.encoding import decode, deinterleave, encode
from gateway.media.timeline import Span, SpanSet, ms_floor, samples_of
from loadtest.call import CallRecord
from loadtest.conversation import Library, render, talk_of
from loadtest.scenario import CallPlan

ACTIVITY_FRAME_MS = 10


@dataclass(frozen=True, slots=True)
class CallScore:
    """The figures of the counted part of one call; milliseconds are summed over its legs.

    `longest_late_ms`: the longest stretch of a leg that was covered undecided. `active_ms`: where the gateway's own
    activity measurement finds sound.
    """

    score: Score
    legs_ms: int
    late_ms: int
    longest_late_ms: int
    talk_ms: int
    active_ms: int


def score_call(library: Library, plan: CallPlan, record: CallRecord, window_ms: tuple[int, int]) -> CallScore:
    """Score what came back of a call in a part of its media; of a broken call, as far as it got."""
    original = spoken(library, plan, record)[: record.received]
    output = heard(original, plan, record)
    return score_output(original, output, plan, record.redactions, record.captions, window_ms)


def score_output(
    original: Samples,
    output: Samples,
    plan: CallPlan,
    redactions: Sequence[CoveredSpan],
    captions: Sequence[ShownCaption],
    window_ms: tuple[int, int],
) -> CallScore:
    """Compare PCM16 [samples, legs] of what came out with what went in."""
    settings = plan.kind.settings
    first, last = window_ms[0], min(window_ms[1], ms_floor(len(original), settings.sample_rate))
    window = Span(first, max(first, last))
    turns = turns_in(plan.conversation.turns, window)
    audio = score_audio(turns, settings.sample_rate, original, output, redactions, settings.policies)
    shown = score_captions(turns, captions, settings.policies)
    late = [late_in(redactions, leg, window) for leg in range(settings.channels)]
    return CallScore(
        Score(1, len(window) * settings.channels, audio, shown),
        len(window) * settings.channels,
        sum(map(sum, late)),
        max((length for lengths in late for length in lengths), default=0),
        sum(talk_of(plan.conversation.turns, leg, window) for leg in range(settings.channels)),
        _active_ms(original, settings.sample_rate, window),
    )


def spoken(library: Library, plan: CallPlan, record: CallRecord) -> Samples:
    """What was sent, PCM16 [samples, legs], as it is after its encoding, with silence where the network lost it."""
    settings = plan.kind.settings
    audio = render(library, plan.conversation, settings.sample_rate, 0, record.sent * 1000 // settings.sample_rate)
    size = samples_of(plan.kind.message_ms, settings.sample_rate)
    for start in record.lost:
        audio[start : start + size] = 0
    legs = [decode(encode(leg, settings.encoding), settings.encoding) for leg in audio.T]
    return np.stack(legs, axis=1)


def heard(original: Samples, plan: CallPlan, record: CallRecord) -> Samples:
    """What came back, PCM16 of the shape of `original`."""
    settings = plan.kind.settings
    output = original.copy()
    for position, wire in record.changed.items():
        legs = deinterleave(wire, settings.encoding, settings.channels)
        for leg, part in enumerate(legs):
            samples = decode(part, settings.encoding)
            room = output[position : position + len(samples), leg]
            room[:] = samples[: len(room)]
    return output


def turns_in(turns: Iterable[LabelledTurn], window: Span) -> list[LabelledTurn]:
    """The turns that are all in a window of milliseconds."""
    return [turn for turn in turns if window.start <= turn.words[0].start_ms and turn.words[-1].end_ms <= window.end]


def late_in(redactions: Iterable[CoveredSpan], leg: int, window: Span) -> list[int]:
    """How long each stretch of a leg is that was covered undecided, inside a window of milliseconds."""
    late = SpanSet(Span(span.start_ms, span.end_ms) for span in redactions if span.leg == leg and span.late)
    return [len(part) for part in late.within(window)]


def _active_ms(audio: Samples, rate: int, window: Span) -> int:
    active = 0
    for leg in audio.T:
        meter = ActivityMeter(rate, samples_of(ACTIVITY_FRAME_MS, rate))
        sounds = meter.feed(leg.astype(np.float32) / np.float32(32768.0))
        active += int(sounds[window.start // ACTIVITY_FRAME_MS : window.end // ACTIVITY_FRAME_MS].sum())
    return active * ACTIVITY_FRAME_MS
