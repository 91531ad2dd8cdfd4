"""Runs a session from media alone: as fast as recognition goes, with the decisions a live call would get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.asr.base import Recognizer
from gateway.core.detection import Detector
from gateway.core.events import (
    AudioReleased,
    DetectionRequested,
    Output,
    RecognitionRequested,
    SessionEnded,
    Statistics,
)
from gateway.core.session import Session
from gateway.core.settings import Pace, SessionSettings
from gateway.media.encoding import decode, encode
from gateway.workers.host import RecognitionHost, RecognitionJob

NO_CLOCK = 0.0
"""An elastic session never looks at the time."""


def redact_blocks(
    blocks: Iterable[NDArray[np.int16]], settings: SessionSettings, host: RecognitionHost, detector: Detector
) -> Iterator[Output]:
    """Send PCM16 blocks of shape [samples, channels] through a session; yields all it says but its requests.

    `settings.pace` must be elastic. Raises whatever the recogniser raises: a file is not half redacted.
    """
    if settings.pace is not Pace.ELASTIC:
        raise ValueError("only an elastic session runs without a clock")
    session = Session(settings)
    name = f"file-{id(session):x}"
    try:
        for block in blocks:
            session.receive_audio([encode(channel, settings.encoding) for channel in block.T], NO_CLOCK)
            yield from _settled(session, name, host, detector)
        session.receive_end(NO_CLOCK)
        yield from _settled(session, name, host, detector)
    finally:
        host.close(name)


def _settled(session: Session, name: str, host: RecognitionHost, detector: Detector) -> Iterator[Output]:
    """Everything the session says, its requests answered on the spot."""
    while (output := session.next_output()) is not None:
        if isinstance(output, RecognitionRequested):
            job = RecognitionJob.of(name, session.settings, output)
            session.receive_hypotheses(host.recognize([job])[0], NO_CLOCK)
        elif isinstance(output, DetectionRequested):
            session.receive_detections([detector.detect(one) for one in output.utterances], NO_CLOCK)
        else:
            yield output


@dataclass(slots=True)
class OfflineResult:
    """What left: `audio` is PCM16 of shape [samples, channels]; `events` is everything else, in order."""

    audio: NDArray[np.int16] = field(repr=False)
    events: list[Output] = field(repr=False)
    statistics: Statistics


def redact_pcm(
    samples: NDArray[np.int16],
    settings: SessionSettings,
    recognizer: Recognizer,
    detector: Detector,
) -> OfflineResult:
    """Redact PCM16 of shape [samples, channels] in memory, at `settings.sample_rate`."""
    released: list[NDArray[np.int16]] = []
    events: list[Output] = []
    statistics: Statistics | None = None
    second = settings.sample_rate
    blocks = (samples[start : start + second] for start in range(0, len(samples), second))
    for output in redact_blocks(blocks, settings, RecognitionHost(recognizer), detector):
        if isinstance(output, AudioReleased):
            released.append(np.stack([decode(frame, settings.encoding) for frame in output.frames], axis=1))
            continue
        events.append(output)
        if isinstance(output, SessionEnded):
            statistics = output.statistics
    if statistics is None:
        raise AssertionError("a session always ends")
    audio = np.concatenate(released) if released else np.zeros((0, settings.channels), dtype=np.int16)
    return OfflineResult(audio, events, statistics)
