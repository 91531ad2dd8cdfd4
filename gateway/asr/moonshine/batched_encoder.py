"""The encoder for a GPU: the windows of many legs in one call, each of them whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort

from gateway.asr.moonshine import encoder_graph as graph
from gateway.asr.moonshine.assets import ModelFiles
from gateway.asr.moonshine.device import Device, open_session
from gateway.asr.moonshine.encoder import FRAME, EncoderMemory, Floats, Sizes, scale
from gateway.asr.moonshine.graph import session_options

WINDOWS_AT_ONCE = 64
"""More go in several calls: a window of 4 s takes about 10 MB of the GPU's memory."""
PADDING = 16
"""Windows are padded to a multiple of so many frames: fewer sizes, for which memory is laid out."""
_SPARE_FRAMES = 2
"""A window's last frame hears up to 703 samples more than its frames' own."""
_CONV2_SPARE = graph.CONV2_PER_FRAME
_CHUNKS_PER_FRAME = FRAME // graph.SAMPLES_PER_CONV1
_SPARE_CHUNKS = graph.CONV1_PER_CONV2 * _CONV2_SPARE + graph.CONV2_KERNEL


class BatchedEncoder:
    """As `Encoder`, but for rounding: padding has no part in a window's frames, nor have other windows."""

    def __init__(self, files: ModelFiles, device: Device) -> None:
        """Raises EngineError when the device cannot be opened."""
        options = session_options()
        self._device = device
        self._entrance = open_session(graph.entrance(files), options, device)
        self._layers = open_session(graph.batched_layers(files), options, device)

    def extend_all(self, memories: Sequence[EncoderMemory], windows: Sequence[Floats]) -> list[Floats]:
        """See `Encoder.extend_all`. Every window is encoded whole, and nothing is kept in the memories."""
        if len(memories) != len(windows):
            raise ValueError("there is one memory for each window")
        encoded: list[Floats] = []
        for first in range(0, len(windows), WINDOWS_AT_ONCE):
            encoded += self._encode(windows[first : first + WINDOWS_AT_ONCE])
        return encoded

    def _encode(self, windows: Sequence[Floats]) -> list[Floats]:
        sizes = [Sizes.of(len(samples)) for samples in windows]
        longest = max(size.frames for size in sizes) + _SPARE_FRAMES
        frames = -(-longest // PADDING) * PADDING
        moments, conv2 = self._enter(windows, frames)
        # Of each row of conv2; the spare ones at the end belong to no window.
        scales = np.zeros((2, graph.CONV2_PER_FRAME * frames * len(windows) + _CONV2_SPARE, 1), dtype=np.float32)
        padding = np.zeros((len(windows), 1, 1, frames), dtype=np.float32)
        for place, size in enumerate(sizes):
            rows = graph.CONV2_PER_FRAME * frames
            positions = graph.CONV1_PER_CONV2 * rows * place
            own = moments[:, positions : positions + size.conv1]
            scales[:, place * rows : (place + 1) * rows, 0] = scale(own)[:, np.newaxis]
            padding[place, ..., size.frames :] = graph.NEVER
        angles = np.arange(frames)[:, np.newaxis] * graph.TURNS
        binding = self._layers.io_binding()
        binding.bind_ortvalue_input("conv2_unscaled", conv2)
        binding.bind_cpu_input("scale", scales)
        binding.bind_cpu_input("cos", np.cos(angles).astype(np.float32))
        binding.bind_cpu_input("sin", np.sin(angles).astype(np.float32))
        binding.bind_cpu_input("padding", padding)
        binding.bind_output("hidden", "cpu")
        self._layers.run_with_iobinding(binding)
        (hidden,) = binding.copy_outputs_to_cpu()
        return [hidden[place, : size.frames] for place, size in enumerate(sizes)]

    def _enter(self, windows: Sequence[Floats], frames: int) -> tuple[Floats, ort.OrtValue]:
        """conv1's sums, and conv2, which stays on the device; the windows one after the other, `frames` frames each."""
        audio = np.zeros(
            (_CHUNKS_PER_FRAME * frames * len(windows) + _SPARE_CHUNKS) * graph.SAMPLES_PER_CONV1, np.float32
        )
        for place, samples in enumerate(windows):
            begin = place * frames * FRAME
            audio[begin : begin + len(samples)] = samples
        binding = self._entrance.io_binding()
        binding.bind_cpu_input("audio", audio.reshape(-1, graph.SAMPLES_PER_CONV1))
        binding.bind_output("moments", "cpu")
        binding.bind_output("conv2_unscaled", self._device.value)
        self._entrance.run_with_iobinding(binding)
        moments, conv2 = binding.get_outputs()
        sums: Floats = moments.numpy()
        return sums, conv2
