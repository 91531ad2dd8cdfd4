"""The decoder as plain calls on numpy arrays: several sequences side by side, each over frames of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from gateway.asr.moonshine.assets import ModelFiles
from gateway.asr.moonshine.decoder_graph import (
    CROSS_KEYS,
    CROSS_VALUES,
    HEAD_SIZE,
    HEADS,
    KEYS,
    LAYERS,
    NEVER,
    PADDING,
    VALUE_SIZE,
    VALUES,
    memory_graph,
    tokens_graph,
)
from gateway.asr.moonshine.device import Device, open_session
from gateway.asr.moonshine.encoder import Floats
from gateway.asr.moonshine.graph import session_options
from gateway.asr.moonshine.tokenizer import Tokenizer, english_tokens

_OUTPUTS = ["logits", "attention", "new_keys", "new_values"]
_ALONE = np.ones((1, 1), dtype=np.float32)
_TOKENS_AT_ONCE = 4
"""Texts are filled up to a multiple of this. More than one: see `decoder_graph`."""


class Sequences:
    """Sequences being decoded, in places 0 to `count` - 1: how much each has read, and what later tokens read of it."""

    def __init__(self, frames: Sequence[int], room: int, space: Space) -> None:
        """`frames`: of each sequence. `room`: so many tokens may be read of one."""
        self.count = len(frames)
        self.lengths = np.zeros(self.count, dtype=np.int64)
        self.begun_at = np.arange(self.count)
        """The places that the sequences had at first; their memory is not overwritten there while they last."""
        self._frames = list(frames)
        padded, room = _padded(max(frames, default=1)), _padded(room)
        shape = (LAYERS, self.count, HEADS)
        self.cross_keys, self.cross_values, self.keys, self.values, self._attention, self._padding = space.arrays(
            (*shape, padded, HEAD_SIZE),
            (*shape, padded, VALUE_SIZE),
            (*shape, room, HEAD_SIZE),
            (*shape, room, VALUE_SIZE),
            (self.count, room, padded),
            (self.count, 1, 1, padded),
        )
        for place, count in enumerate(frames):
            self._padding[place, ..., :count] = 0
            self._padding[place, ..., count:] = NEVER
        self.keys[:] = 0
        self.values[:] = 0

    def attention(self, place: int) -> Floats:
        """[tokens read, frames]: row i is where the decoder looked when it had read i + 1 tokens, the start token
        included: where the token that comes next was spoken.
        """
        rows: Floats = self._attention[place, : self.lengths[place], : self._frames[place]]
        return rows

    def keep(self, place: int, tokens: int) -> None:
        """Forget everything read after the first `tokens` tokens."""
        self.values[:, place, :, tokens : self.lengths[place]] = 0
        self.lengths[place] = tokens

    def drop(self, place: int) -> None:
        """End a sequence; the last one takes its place."""
        self.count -= 1
        if place < self.count:
            for stacked in (self.cross_keys, self.cross_values, self.keys, self.values):
                stacked[:, place] = stacked[:, self.count]
            for rows in (self._attention, self._padding):
                rows[place] = rows[self.count]
            self.lengths[place] = self.lengths[self.count]
            self.begun_at[place] = self.begun_at[self.count]
            self._frames[place] = self._frames[self.count]

    def caches(self, first: int, end: int) -> dict[str, Floats]:
        """What the graph reads of the sequences from `first` up to before `end`, but for the memory."""
        own = _by_name((KEYS, self.keys), (VALUES, self.values))
        return {name: rows[first:end] for name, rows in own.items()} | {"padding": self._padding[first:end]}

    def memory(self) -> dict[str, Floats]:
        """The memory of the sequence in each place; it also stays in `begun_at`."""
        return _by_name((CROSS_KEYS, self.cross_keys), (CROSS_VALUES, self.cross_values))

    def add(self, place: int, keys: Floats, values: Floats, attention: Floats) -> None:
        """One sequence has read more: [6, 8, tokens, 36], [6, 8, tokens, 37], [tokens, padded frames]."""
        begin, end = self.lengths[place], self.lengths[place] + len(attention)
        self.keys[:, place, :, begin:end] = keys
        self.values[:, place, :, begin:end] = values
        self._attention[place, begin:end] = attention
        self.lengths[place] = end


class Space:
    """Memory that is used again for each search: fresh pages cost more than what is written into them."""

    def __init__(self) -> None:
        self._floats = np.zeros(0, dtype=np.float32)

    def arrays(self, *shapes: tuple[int, ...]) -> list[Floats]:
        """Arrays of these shapes, holding anything; those given before are void."""
        sizes = [_padded(int(np.prod(shape))) for shape in shapes]
        if sum(sizes) > len(self._floats):
            self._floats = np.zeros(sum(sizes), dtype=np.float32)
        begins = np.cumsum([0, *sizes])
        return [
            self._floats[begin : begin + int(np.prod(shape))].reshape(shape)
            for begin, shape in zip(begins, shapes, strict=False)
        ]


class Decoder:
    """Frames and tokens to the next token.

    `written` holds the token that each column of the logits stands for: only those of English text have one.
    """

    def __init__(self, files: ModelFiles, device: Device = Device.CPU, floating: bool = False) -> None:
        """`floating`: products between floats, as a GPU likes them, and the memory is put there once for all calls."""
        options = session_options()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # built as they shall run
        self._memory, self._tokens = (
            open_session(graph, options, device)
            for graph in (memory_graph(files, floating), tokens_graph(files, floating))
        )
        self._device = device
        self._resident: dict[str, ort.OrtValue] | None = {} if floating else None
        self.written = np.array(english_tokens(Tokenizer.from_file(files.tokenizer)))
        self._space = Space()

    def begin(self, windows: Sequence[Floats], room: int) -> Sequences:
        """A sequence for each window's frames ([frames, 288]). Those begun before are void.

        `room`: how many tokens may be read of each, at most POSITIONS.
        """
        sequences = Sequences([len(frames) for frames in windows], room, self._space)
        for place, frames in enumerate(windows):
            binding = self._memory.io_binding()
            binding.bind_cpu_input("frames", frames)
            padding = sequences.cross_keys.shape[3] - len(frames)
            binding.bind_cpu_input("pads", np.array([padding], dtype=np.int64))
            for names, stacked in ((CROSS_KEYS, sequences.cross_keys), (CROSS_VALUES, sequences.cross_values)):
                for layer, name in enumerate(names):
                    target = stacked[layer, place]
                    binding.bind_output(name, "cpu", 0, np.float32, (1, *target.shape), target.ctypes.data)
            self._memory.run_with_iobinding(binding)
        if self._resident is not None and windows:
            self._resident = {
                name: ort.OrtValue.ortvalue_from_numpy(rows, self._device.value)
                for name, rows in sequences.memory().items()
            }
        return sequences

    def read(
        self, sequences: Sequences, first: int, texts: Sequence[Sequence[int]], wanted: Sequence[int]
    ) -> list[Floats]:
        """The sequences from place `first` on read several tokens each, a text for each.

        Returns the logits after each of the last `wanted` tokens of a text, [wanted, written].
        """
        longest = -(-max(map(len, texts)) // _TOKENS_AT_ONCE) * _TOKENS_AT_ONCE
        tokens = np.zeros((len(texts), longest), dtype=np.int64)
        for row, text in enumerate(texts):
            tokens[row, : len(text)] = text
        end = first + len(texts)
        ends = np.arange(len(texts)) * longest + [len(text) for text in texts]
        logits, attention, keys, values = self._run(
            sequences,
            first,
            tokens,
            sequences.lengths[first:end, np.newaxis] + np.arange(longest),
            np.concatenate([np.arange(last - count, last) for last, count in zip(ends, wanted, strict=True)]),
        )
        for row, text in enumerate(texts):
            read = len(text)
            sequences.add(first + row, keys[:, row, :, :read], values[:, row, :, :read], attention[row, :read])
        return np.split(logits, np.cumsum(wanted)[:-1])

    def step(self, sequences: Sequences, tokens: Sequence[int]) -> Floats:
        """Each sequence reads one more token. Returns the logits after it, [sequences, written]."""
        logits, attention, keys, values = self._run(
            sequences,
            0,
            np.array(tokens, dtype=np.int64)[:, np.newaxis],
            sequences.lengths[: sequences.count, np.newaxis],
            np.arange(sequences.count),
        )
        for place in range(sequences.count):
            sequences.add(place, keys[:, place], values[:, place], attention[place])
        return logits

    def _run(
        self,
        sequences: Sequences,
        first: int,
        tokens: NDArray[np.int64],
        positions: NDArray[np.int64],
        wanted: NDArray[np.int64],
    ) -> list[Floats]:
        end, count = first + len(tokens), tokens.shape[1]
        causal = _ALONE if count == 1 else np.tril(np.ones((count, count), dtype=np.float32))
        inputs = {"tokens": tokens, "positions": positions, "wanted": wanted, "causal": causal}
        inputs |= sequences.caches(first, end)
        outputs: list[Floats]
        if self._resident is None:
            memory = {name: rows[first:end] for name, rows in sequences.memory().items()}
            outputs = self._tokens.run(_OUTPUTS, inputs | memory)
            return outputs
        binding = self._tokens.io_binding()
        for name, array in (inputs | {"places": sequences.begun_at[first:end]}).items():
            binding.bind_cpu_input(name, array)
        for name, value in self._resident.items():
            binding.bind_ortvalue_input(name, value)
        for name in _OUTPUTS:
            binding.bind_output(name, "cpu")
        self._tokens.run_with_iobinding(binding)
        outputs = binding.copy_outputs_to_cpu()
        return outputs


def _by_name(*sides: tuple[Sequence[str], Floats]) -> dict[str, Floats]:
    """The rows of each layer by the name of the graph's input."""
    return {name: stacked[layer] for names, stacked in sides for layer, name in enumerate(names)}


def _padded(size: int) -> int:
    return -(-size // PADDING) * PADDING
