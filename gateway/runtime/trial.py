"""What a leg costs on this machine: the sample call, or a part of it, sent through a session."""

from __future__ import annotations

import time
import wave
from collections.abc import Callable
from importlib.resources import files

import numpy as np

from gateway.asr.base import Recognizer
from gateway.core.detection import Detector
from gateway.core.policy import ALL, parse_policies
from gateway.core.settings import DetectionSettings, Pace, SessionSettings
from gateway.runtime.offline import redact_pcm

SECONDS = 12
"""So much of the call is heard: both parties speak, about as much as people do."""


def leg_cost(recognizer: Recognizer, create_detector: Callable[[DetectionSettings], Detector]) -> float:
    """CPU seconds for each second of a leg of the sample call: recognition and detection, alone on the machine."""
    with files("gateway").joinpath("data", "sample_call.wav").open("rb") as file, wave.open(file) as call:
        rate, legs = call.getframerate(), call.getnchannels()
        samples = np.frombuffer(call.readframes(SECONDS * rate), dtype=np.int16).reshape(-1, legs)
    settings = SessionSettings(parse_policies(ALL), sample_rate=rate, channels=legs, pace=Pace.ELASTIC)
    began_at = time.process_time()
    redact_pcm(samples, settings, recognizer, create_detector(settings.detection))
    spent = time.process_time() - began_at
    return float(spent * rate / (legs * len(samples)))
