"""What a leg costs on this machine: the beginning of the sample call, sent through a session."""

from __future__ import annotations

import time
import wave
from collections.abc import Callable
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from gateway.asr.base import Recognizer
from gateway.core.detection import Detector
from gateway.core.policy import ALL, parse_policies
from gateway.core.settings import DetectionSettings, Pace, SessionSettings
from gateway.media.activity import ActivityMeter
from gateway.runtime.offline import redact_pcm

WARM_UP_S = 3
"""What is heard for the first time costs more: models settle in."""
SECONDS = 12
USUAL_SOUND = 0.42
"""How much of a leg's time holds sound in a lively conversation; the sample holds less of it."""
_UNIT_S = 0.008


def leg_cost(recognizer: Recognizer, create_detector: Callable[[DetectionSettings], Detector]) -> float:
    """CPU seconds for each second of a leg of a lively call: recognition and detection, alone on the machine."""
    with files("gateway").joinpath("data", "sample_call.wav").open("rb") as file, wave.open(file) as call:
        rate, legs = call.getframerate(), call.getnchannels()
        samples = np.frombuffer(call.readframes(SECONDS * rate), dtype=np.int16).reshape(-1, legs)
    settings = SessionSettings(parse_policies(ALL), sample_rate=rate, channels=legs, pace=Pace.ELASTIC)
    detector = create_detector(settings.detection)
    redact_pcm(samples[: WARM_UP_S * rate], settings, recognizer, detector)
    began_at = time.process_time()
    redact_pcm(samples, settings, recognizer, detector)
    spent = time.process_time() - began_at
    return float(spent * rate / (legs * len(samples)) * USUAL_SOUND / _sound(samples, rate))


def _sound(samples: NDArray[np.int16], rate: int) -> float:
    """The share of all legs' time in which something sounds."""
    unit = int(rate * _UNIT_S)
    whole = (samples[: len(samples) // unit * unit] / 32768).astype(np.float32)
    return float(np.mean([ActivityMeter(rate, unit).feed(leg).mean() for leg in whole.T]))
