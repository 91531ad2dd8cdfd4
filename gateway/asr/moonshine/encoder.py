"""The encoder: audio to frames, of a whole window or from where the last call left off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine import encoder_graph as graph
from gateway.asr.moonshine.assets import ModelFiles
from gateway.asr.moonshine.device import open_session
from gateway.asr.moonshine.graph import session_options

Floats: TypeAlias = NDArray[np.float32]

RATE = 16_000
FRAME = 384
"""Samples per encoder frame: 24 ms."""
MIN_SAMPLES = 1_600
"""The convolutions at the encoder's entrance need at least 895 samples."""
OPEN_FRAMES = 50
"""Frames with less than this (1.2 s) behind them are encoded again when there is more to hear."""
_EPSILON = 1e-5
_CONV2_SAMPLES = graph.SAMPLES_PER_CONV1 * graph.CONV1_PER_CONV2
_NO_KEYS = np.zeros((1, graph.HEADS, 0, graph.HEAD_SIZE), dtype=np.float32)


class Sizes(NamedTuple):
    """How many positions of each convolution a window has; `conv1`: those that conv2 takes."""

    conv1: int
    conv2: int
    frames: int

    @classmethod
    def of(cls, samples: int) -> Sizes:
        """Of a window of so many samples."""
        conv1 = (samples - graph.CONV1_KERNEL) // graph.SAMPLES_PER_CONV1 + 1
        conv2 = (conv1 - graph.CONV2_KERNEL) // graph.CONV1_PER_CONV2 + 1
        frames = (conv2 - graph.CONV3_KERNEL) // graph.CONV2_PER_FRAME + 1
        return cls(graph.CONV1_PER_CONV2 * (conv2 - 1) + graph.CONV2_KERNEL, conv2, frames)


def scale(moments: Floats) -> Floats:
    """1 / deviation and - mean / deviation of a window, [2], from conv1's sums [2, positions]."""
    mean, square = moments.sum(axis=1, dtype=np.float64) / (moments.shape[1] * graph.WIDTH)
    gain = 1 / np.sqrt(square - mean * mean + _EPSILON)
    return np.array([gain, -mean * gain], dtype=np.float32)


class EncoderMemory:
    """What is kept of a window that only grows at its end and is cut at its beginning.

    `settled`: so many frames, from the window's first on, are not encoded again until the window is cut. With a window
    of 4 s it takes 3.2 MB.
    """

    def __init__(self, open_frames: int = OPEN_FRAMES) -> None:
        """`open_frames`: how many frames at the window's end stay open for what comes after them."""
        self.open_frames = open_frames
        # conv2's positions in the window, and conv1's sums there
        self.conv2: Floats = np.zeros((0, graph.CONV2_WIDTH), dtype=np.float32)
        self.moments: Floats = np.zeros((2, 0), dtype=np.float32)
        self._unsettle()

    def _unsettle(self) -> None:
        self.settled = 0
        self.hidden: Floats = np.zeros((0, graph.WIDTH), dtype=np.float32)
        self.caches: dict[str, Floats] = dict.fromkeys((*graph.KEYS_BEFORE, *graph.VALUES_BEFORE), _NO_KEYS)

    def drop_frames(self, frames: int) -> None:
        """The window lost its first `frames` frames.

        All others are to be encoded again: frames tell how far from the beginning they are, and the decoder goes in
        circles when the beginning is missing. What the convolutions made of them stays.
        """
        if frames:
            self._unsettle()
            self.conv2 = self.conv2[graph.CONV2_PER_FRAME * frames :]
            self.moments = self.moments[:, graph.CONV2_PER_FRAME * graph.CONV1_PER_CONV2 * frames :]


class Encoder:
    """Full attention: a frame depends on the whole window, most of all on what is near."""

    def __init__(self, files: ModelFiles) -> None:
        options = session_options()
        self._entrance = open_session(graph.entrance(files), options)
        self._layers = open_session(graph.layers(files), options)

    def encode(self, samples: Floats) -> Floats:
        """`samples`: 16 kHz in -1..1, at least MIN_SAMPLES. Returns [frames, 288], one frame per FRAME samples."""
        return self.extend(EncoderMemory(), samples)

    def extend_all(self, memories: Sequence[EncoderMemory], windows: Sequence[Floats]) -> list[Floats]:
        """`extend` for each, one by one: a core gains nothing from a batch."""
        return [self.extend(memory, samples) for memory, samples in zip(memories, windows, strict=True)]

    def extend(self, memory: EncoderMemory, samples: Floats) -> Floats:
        """The same for a window of which `memory` knows what was encoded before; the memory then knows all of it.

        Samples that were there before must be the same ones. Settled frames come out as they were when they had
        `open_frames` behind them; with nothing settled the result is that of `encode`.
        """
        _, conv2, frames = Sizes.of(len(samples))
        known = len(memory.conv2)
        if conv2 > known:
            moments, fresh = self._enter(samples[known * _CONV2_SAMPLES :], conv2 - known)
            memory.conv2 = np.concatenate([memory.conv2, fresh])
            memory.moments = np.concatenate([memory.moments[:, : known * graph.CONV1_PER_CONV2], moments], axis=1)
        new = frames - memory.settled
        hidden, caches = self._pass(memory, new)
        hidden = np.concatenate([memory.hidden, hidden])
        settled = max(memory.settled, frames - memory.open_frames)
        memory.hidden = hidden[:settled]
        memory.caches = {name: np.ascontiguousarray(cache[:, :, :settled]) for name, cache in caches.items()}
        memory.settled = settled
        return hidden

    def _enter(self, samples: Floats, positions: int) -> tuple[Floats, Floats]:
        """conv2 at its next `positions`, and the sums at those of conv1 that it takes."""
        chunks = graph.CONV1_PER_CONV2 * positions + graph.CONV2_KERNEL
        audio = np.zeros(chunks * graph.SAMPLES_PER_CONV1, dtype=np.float32)
        given = samples[: len(audio)]
        audio[: len(given)] = given
        moments, conv2 = self._entrance.run(
            ["moments", "conv2_unscaled"], {"audio": audio.reshape(-1, graph.SAMPLES_PER_CONV1)}
        )
        return moments[:, : graph.CONV1_PER_CONV2 * (positions - 1) + graph.CONV2_KERNEL], conv2

    def _pass(self, memory: EncoderMemory, frames: int) -> tuple[Floats, dict[str, Floats]]:
        """The next `frames` frames [frames, 288], and keys and values of all frames by the names of the old ones."""
        conv2 = np.zeros((graph.CONV2_PER_FRAME * (frames + 1), graph.CONV2_WIDTH), dtype=np.float32)
        given = memory.conv2[graph.CONV2_PER_FRAME * memory.settled :]
        conv2[: len(given)] = given
        angles = np.arange(memory.settled, memory.settled + frames)[:, np.newaxis] * graph.TURNS
        hidden, *caches = self._layers.run(
            ["hidden", *graph.KEYS, *graph.VALUES],
            {
                "conv2_unscaled": conv2,
                "scale": scale(memory.moments),
                "cos": np.cos(angles).astype(np.float32),
                "sin": np.sin(angles).astype(np.float32),
                **memory.caches,
            },
        )
        return hidden[0], dict(zip((*graph.KEYS_BEFORE, *graph.VALUES_BEFORE), caches, strict=True))
