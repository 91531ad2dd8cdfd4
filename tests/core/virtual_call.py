"""A call in virtual time: a scripted speaker, a recogniser with chosen answer times, and a session between them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from gateway.core.detection import Detection, Finding, OpenCandidate, Utterance
from gateway.core.events import (
    AudioReleased,
    CaptionUpdated,
    DetectionRequested,
    Output,
    RecognitionRequested,
    RedactionDecided,
    SessionEnded,
)
from gateway.core.hypothesis import Hypothesis, Word
from gateway.core.policy import Policy
from gateway.core.session import Session
from gateway.core.settings import Pace, SessionSettings
from gateway.media.timeline import MediaTime, Span, samples_of

DIGITS = frozenset(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


@dataclass(frozen=True)
class Spoken:
    """A word that a scripted speaker says."""

    text: str
    start_ms: int
    end_ms: int


class DigitRuns:
    """Two or more digits in a row are a number_sequence; a name after "name" is a person_name."""

    def detect(self, utterance: Utterance) -> Detection:
        texts = [token.text for token in utterance.tokens]
        findings: list[Finding] = []
        start = 0
        for index in range(len(texts) + 1):
            if index < len(texts) and texts[index] in DIGITS:
                continue
            if index - start >= 2:
                findings.append(self._finding(Policy.NUMBER_SEQUENCE, texts, start, index))
            start = index + 1
        findings += [
            self._finding(Policy.PERSON_NAME, texts, index, index + 1)
            for index in range(1, len(texts))
            if texts[index - 1] == "name"
        ]
        is_open = not utterance.complete and texts and texts[-1] in DIGITS
        findings.sort(key=lambda finding: finding.first)
        return Detection(tuple(findings), (OpenCandidate(len(texts) - 1),) if is_open else ())

    @staticmethod
    def _finding(policy: Policy, texts: Sequence[str], first: int, end: int) -> Finding:
        return Finding(policy, first, end, 0, len(texts[end - 1]), 1.0, "test")


class ScriptedLeg:
    """A recogniser's stream that knows what will be said, and tells it only when it was heard."""

    def __init__(self, spoken: Sequence[Spoken], rate: int, margin_ms: int, origin: MediaTime = 0) -> None:
        self._rate = rate
        self._margin = samples_of(margin_ms, rate)
        self._words = [
            Word(word.text, Span(samples_of(word.start_ms, rate), samples_of(word.end_ms, rate)), 1.0, True)
            for word in spoken
            if samples_of(word.start_ms, rate) >= origin
        ]
        self._stable_until = origin

    def step(self, heard_until: MediaTime, *, final: bool) -> Hypothesis:
        stable_until = heard_until if final else max(self._stable_until, heard_until - self._margin)
        for word in self._words:
            if word.span.start < stable_until < word.span.end and not final:
                stable_until = max(self._stable_until, word.span.start)
        told = tuple(
            Word(word.text, Span(word.span.start, min(word.span.end, heard_until)), 1.0, word.span.end <= stable_until)
            if not final
            else word
            for word in self._words
            if word.span.start >= self._stable_until and word.span.start < heard_until
        )
        if final:
            told = tuple(Word(w.text, Span(w.span.start, min(w.span.end, heard_until)), 1.0, True) for w in told)
        self._stable_until = stable_until
        return Hypothesis(heard_until, stable_until, told)


@dataclass
class Result:
    """Everything that came out, with the times at which it did."""

    outputs: list[tuple[float, Output]] = field(default_factory=list)
    most_held: int = 0

    def of(self, kind: type) -> list:
        return [output for _, output in self.outputs if isinstance(output, kind)]

    def audio(self, leg: int) -> bytes:
        return b"".join(output.frames[leg] for output in self.of(AudioReleased))

    def redactions(self) -> list[RedactionDecided]:
        return self.of(RedactionDecided)

    def captions(self) -> list[CaptionUpdated]:
        return self.of(CaptionUpdated)


Latency = Callable[[int], float | None]
"""Seconds until the answer to request number n, of words or of findings; None: it is lost, after a second.

Negative: a request for words is declined, so many seconds later.
"""


def run_call(
    settings: SessionSettings,
    legs: Sequence[tuple[bytes, Sequence[Spoken]]],
    *,
    chunks: Sequence[int] = (160,),
    latency: Latency = lambda step: 0.05,
    pause_at: int | None = None,
    pause_s: float = 0.0,
) -> Result:
    """Play the legs (wire bytes, and what is said in them) through a session, in virtual time.

    `chunks`: sizes in samples in which audio comes in, repeated. Live audio comes at its pace, stopping once for
    `pause_s` before the sample `pause_at`; elastic audio comes at once.
    """
    rate, width = settings.sample_rate, settings.encoding.bytes_per_sample
    session = Session(settings)
    result = Result()
    total = len(legs[0][0]) // width
    pending: list[tuple[float, int, str, object]] = []
    order = 0

    def later(at: float, kind: str, value: object = None) -> None:
        nonlocal order
        heapq.heappush(pending, (at, order, kind, value))
        order += 1

    position, index, offset = 0, 0, 100.0
    while position < total:
        size = min(max(1, chunks[index % len(chunks)]), total - position)
        if pause_at is not None and position >= pause_at:
            offset, pause_at = offset + pause_s, None
        at = offset + position / rate if settings.pace is Pace.REALTIME else 100.0
        later(at, "audio", (position, size))
        position, index = position + size, index + 1
    later((offset + total / rate) if settings.pace is Pace.REALTIME else 100.0, "end")

    streams: list[ScriptedLeg] = []
    steps = 0
    released = received = 0
    timer: float | None = None
    while pending or timer is not None:
        if pending and (timer is None or pending[0][0] <= timer):
            now, _, kind, value = heapq.heappop(pending)
        else:
            assert timer is not None
            now, kind, value = timer, "timer", None
        match kind:
            case "audio":
                start, size = value  # type: ignore[misc]
                session.receive_audio([data[start * width : (start + size) * width] for data, _ in legs], now)
                received = start + size
            case "end":
                session.receive_end(now)
            case "answer":
                session.receive_hypotheses(value, now)  # type: ignore[arg-type]
            case "found":
                session.receive_detections(value, now)  # type: ignore[arg-type]
            case "declined":
                session.receive_recognition_declined(now)
            case "lost":
                session.receive_recognition_lost(now)
            case "timer":
                session.handle_timer(now)
        while (output := session.next_output()) is not None:
            if isinstance(output, RecognitionRequested):
                delay = latency(steps)
                steps += 1
                if delay is not None and delay < 0:
                    later(now - delay, "declined")
                    continue
                if output.fresh:
                    margin = settings.timing.stable_margin
                    streams = [ScriptedLeg(spoken, rate, margin, output.span.start) for _, spoken in legs]
                if delay is None:
                    later(now + 1.0, "lost")
                else:
                    answer = tuple(stream.step(output.span.end, final=output.final) for stream in streams)
                    later(now + delay, "answer", answer)
                continue
            if isinstance(output, DetectionRequested):
                found = [DigitRuns().detect(one) for one in output.utterances]
                delay = latency(steps)
                steps += 1
                if delay is None:
                    later(now + 1.0, "lost")
                else:
                    later(now + abs(delay), "found", found)
                continue
            result.outputs.append((now, output))
            if isinstance(output, AudioReleased):
                released = output.span.end
        result.most_held = max(result.most_held, received - released)
        timer = session.get_timer()
    assert isinstance(result.outputs[-1][1], SessionEnded)
    return result


def noise(samples: int, seed: int) -> np.ndarray:
    """A leg's PCM16 that never repeats itself."""
    return np.random.default_rng(seed).integers(-20000, 20000, samples, dtype=np.int16)
