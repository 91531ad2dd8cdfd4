"""The encoder as a plain call on numpy arrays."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from gateway.asr.moonshine.assets import ModelFiles
from gateway.asr.moonshine.graph import session_options

Floats: TypeAlias = NDArray[np.float32]

RATE = 16_000
FRAME = 384
"""Samples per encoder frame: 24 ms."""
MIN_SAMPLES = 1_600
"""The convolutions at the encoder's entrance need at least 895 samples."""
_PROVIDERS = ["CPUExecutionProvider"]


class Encoder:
    """Audio to frames. Full attention over the window, so every window is encoded whole and alone."""

    def __init__(self, files: ModelFiles) -> None:
        self._session = ort.InferenceSession(str(files.encoder), session_options(), providers=_PROVIDERS)

    def encode(self, samples: Floats) -> Floats:
        """`samples`: 16 kHz in -1..1, at least MIN_SAMPLES. Returns [frames, 288], one frame per FRAME samples."""
        audio = samples[np.newaxis]
        mask = np.ones(audio.shape, dtype=np.int64)
        (hidden,) = self._session.run(None, {"input_values": audio, "attention_mask": mask})
        frames: Floats = hidden[0]
        return frames
