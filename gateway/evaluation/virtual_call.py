"""A live call in virtual time: audio comes in at the pace it was spoken, and every step costs what was measured.

Nothing waits. The clock of the session jumps to the next thing that happens: a frame comes in, an answer is there, a
frame's deadline has come. An answer arrives after the measured compute time of recognition and of detection, so one
that is late finds its audio gone, covered.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from gateway.core.detection import Detector
from gateway.core.events import (
    AudioReleased,
    CaptionUpdated,
    DetectionRequested,
    Output,
    RecognitionRequested,
    RedactionDecided,
    SessionEnded,
    Statistics,
)
from gateway.core.session import Session
from gateway.core.settings import Pace, SessionSettings
from gateway.errors import InternalError
from gateway.evaluation.caption_scoring import ShownCaption
from gateway.evaluation.figures import CoveredSpan
from gateway.evaluation.labels import Samples
from gateway.evaluation.offline import caption_of, redaction_of
from gateway.evaluation.recording import Clock, Recording
from gateway.media.encoding import decode, encode
from gateway.media.timeline import samples_of

FRAME_MS = 20
"""Audio comes in frames of this length."""


@dataclass(slots=True)
class VirtualCall:
    """What left, and when. `audio` is PCM16, [samples, legs]; the costs are seconds of each step."""

    audio: Samples = field(repr=False)
    redactions: tuple[CoveredSpan, ...]
    captions: tuple[ShownCaption, ...]
    recognition_s: list[float]
    detection_s: list[float]
    statistics: Statistics


def play(
    samples: Samples,
    settings: SessionSettings,
    recording: Recording,
    detector: Detector,
    clock: Clock = time.process_time,
) -> VirtualCall:
    """Play PCM16 of shape [samples, legs] through a live session, its recognition out of `recording`.

    `settings.pace` must be realtime. `clock` measures the time that detection takes.
    """
    if settings.pace is not Pace.REALTIME:
        raise ValueError("only a live session has a clock")
    call = _Call(samples, settings, recording, detector, clock)
    call.run()
    if call.statistics is None:
        raise InternalError("a session always ends")
    audio = np.concatenate(call.released) if call.released else np.zeros((0, settings.channels), dtype=np.int16)
    return VirtualCall(
        audio,
        tuple(call.redactions),
        tuple(call.captions),
        call.recognition_s,
        call.detection_s,
        call.statistics,
    )


class _Call:
    """The session, what is on its way to it, and what came of it."""

    def __init__(
        self, samples: Samples, settings: SessionSettings, recording: Recording, detector: Detector, clock: Clock
    ) -> None:
        self._samples = samples
        self._settings = settings
        self._session = Session(settings, relaxes=False)
        self._recording = recording
        self._detector = detector
        self._clock = clock
        self._order = count()
        self._coming: list[tuple[float, int, Callable[[float], None]]] = []
        self.released: list[Samples] = []
        self.redactions: list[CoveredSpan] = []
        self.captions: list[ShownCaption] = []
        self.recognition_s: list[float] = []
        self.detection_s: list[float] = []
        self.statistics: Statistics | None = None

    def run(self) -> None:
        """Let everything happen, in order of time; of things that happen at once, a deadline goes first."""
        self._later(0.0, lambda now: self._speak(0, now))
        while True:
            timer = self._session.get_timer()
            if timer is not None and (not self._coming or timer <= self._coming[0][0]):
                now = timer
                self._session.handle_timer(now)
            elif self._coming:
                now, _, act = heapq.heappop(self._coming)
                act(now)
            else:
                return
            while (output := self._session.next_output()) is not None:
                self._take(output, now)

    def _later(self, at: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self._coming, (at, next(self._order), act))

    def _speak(self, start: int, now: float) -> None:
        """Hand over the frame at `start`; the next one comes when it has been spoken."""
        frame = self._samples[start : start + samples_of(FRAME_MS, self._settings.sample_rate)]
        if not len(frame):
            self._session.receive_end(now)
            return
        self._session.receive_audio([encode(leg, self._settings.encoding) for leg in frame.T], now)
        end = start + len(frame)
        self._later(end / self._settings.sample_rate, lambda then: self._speak(end, then))

    def _take(self, output: Output, now: float) -> None:
        rate = self._settings.sample_rate
        match output:
            case RecognitionRequested():
                answer = self._recording.answer(output.span, final=output.final)
                self.recognition_s.append(answer.seconds)
                self._later(
                    now + answer.seconds, lambda then: self._session.receive_hypotheses(answer.hypotheses, then)
                )
            case DetectionRequested():
                started = self._clock()
                found = [self._detector.detect(utterance) for utterance in output.utterances]
                seconds = self._clock() - started
                self.detection_s.append(seconds)
                self._later(now + seconds, lambda then: self._session.receive_detections(found, then))
            case AudioReleased():
                legs = [decode(frame, self._settings.encoding) for frame in output.frames]
                self.released.append(np.stack(legs, axis=1))
            case RedactionDecided():
                self.redactions.append(redaction_of(output, rate))
            case CaptionUpdated():
                self.captions.append(caption_of(output, rate, now * 1000))
            case SessionEnded():
                self.statistics = output.statistics
            case _:
                pass
