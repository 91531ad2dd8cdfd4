"""The engine: one loaded model for many legs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gateway.asr.base import Capabilities, Chunk
from gateway.asr.moonshine.assets import MODEL, find_model
from gateway.asr.moonshine.batched_encoder import WINDOWS_AT_ONCE, BatchedEncoder
from gateway.asr.moonshine.decoder import Decoder
from gateway.asr.moonshine.device import Device
from gateway.asr.moonshine.encoder import Encoder, Floats
from gateway.asr.moonshine.number_head import WEIGHTS, NumberHead, sounds_in
from gateway.asr.moonshine.search import Vocabulary, search
from gateway.asr.moonshine.stream import MoonshineStream
from gateway.asr.moonshine.tokenizer import Tokenizer, number_tokens
from gateway.asr.rates import check_rate
from gateway.core.hypothesis import Hypothesis

_BATCH = {Device.CPU: 16, Device.CUDA: WINDOWS_AT_ONCE}


class MoonshineRecognizer:
    """English speech. Loading takes about half a second."""

    def __init__(self, number_head: Path = WEIGHTS, device: str = Device.CPU) -> None:
        """`number_head`: the weights of the number head. `device`: "cpu" or "cuda", where encoder and decoder run.

        Raises EngineError when a model is not installed, or the device cannot be opened.
        """
        files = find_model()
        self._device = Device(device)
        self._tokenizer = Tokenizer.from_file(files.tokenizer)
        on_gpu = self._device is Device.CUDA
        self._encoder = BatchedEncoder(files, self._device) if on_gpu else Encoder(files)
        self._decoder = Decoder(files, self._device, floating=on_gpu)
        written = self._decoder.written
        self._vocabulary = Vocabulary(
            written,
            np.searchsorted(written, number_tokens(self._tokenizer)),
            np.array([self._tokenizer.begins_word(int(token)) for token in written]),
        )
        self._head = NumberHead(number_head)

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""
        return Capabilities(
            engine="moonshine", model=MODEL, language="en", batch=_BATCH[self._device], device=self._device
        )

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> MoonshineStream:
        """Start a leg. Raises OptionError for a rate that `check_rate` refuses."""
        check_rate(sample_rate)
        return MoonshineStream(sample_rate, stable_margin_ms, self._tokenizer)

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        """One step for each chunk. Raises ValueError for a foreign or ended stream, or two chunks of one stream."""
        streams: list[MoonshineStream] = []
        for chunk in batch:
            if not isinstance(chunk.stream, MoonshineStream):
                raise ValueError("the stream was opened by another engine")
            if any(chunk.stream is other for other in streams):
                raise ValueError("a batch holds at most one chunk of a stream")
            streams.append(chunk.stream)
        speaking: list[MoonshineStream] = []
        windows: list[Floats] = []
        for chunk, stream in zip(batch, streams, strict=True):
            audio = stream.prepare(chunk.samples, chunk.final)
            if audio is not None:
                speaking.append(stream)
                windows.append(audio)
        encoded = self._encoder.extend_all([stream.memory for stream in speaking], windows)
        requests = [stream.request(hidden) for stream, hidden in zip(speaking, encoded, strict=True)]
        outcomes = search(
            self._decoder, requests, self._vocabulary, lambda index, found: speaking[index].believes(found)
        )
        for stream, hidden, found in zip(speaking, encoded, outcomes, strict=True):
            if found.afresh:
                stream.forget_text()
            stream.conclude(found, sounds_in(self._head.probabilities(hidden)))
        return [stream.hypothesis() for stream in streams]
