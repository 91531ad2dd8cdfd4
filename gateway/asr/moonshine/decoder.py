"""The decoder as plain calls on numpy arrays, one sequence at a time or several in step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from gateway.asr.moonshine.assets import ModelFiles
from gateway.asr.moonshine.encoder import FRAME, Floats
from gateway.asr.moonshine.graph import ATTENTION, LAYERS, edited_decoder, session_options

ALIGNMENT_HEADS = ((3, 5), (4, 1), (4, 3), (5, 7), (3, 6), (5, 1), (5, 4), (4, 7))
"""Layer and head: those whose cross-attention peaks closest to the middle of the spoken word."""

_HEADS = 8
_HEAD_SIZE = 36
_PARTS = ("key", "value")
_SELF = tuple(f"{layer}.decoder.{part}" for layer in range(LAYERS) for part in _PARTS)
_CROSS = tuple(f"{layer}.encoder.{part}" for layer in range(LAYERS) for part in _PARTS)
_PROVIDERS = ["CPUExecutionProvider"]


@dataclass(slots=True)
class Decoding:
    """One sequence being decoded: its caches, and for each token read so far one row of cross-attention.

    `attention[i]` ([frames], mean of the alignment heads) is where the decoder looked when it had read i + 1 tokens,
    the start token included: where the token that comes next was spoken. `logits` belong to the last row.
    """

    mask: NDArray[np.int64]
    hidden: Floats
    own: dict[str, Floats]
    cross: dict[str, Floats]
    attention: Floats
    logits: Floats

    def keep(self, tokens: int, logits: Floats) -> None:
        """Forget everything read after the first `tokens` tokens; `logits` are what followed those."""
        self.logits = logits
        if tokens == len(self.attention):
            return
        self.own = {name: np.ascontiguousarray(cache[:, :, :tokens]) for name, cache in self.own.items()}
        self.attention = self.attention[:tokens]


class Decoder:
    """Frames and tokens to the next token."""

    def __init__(self, files: ModelFiles) -> None:
        model = edited_decoder(files)
        source = model if isinstance(model, bytes) else str(model)
        options = session_options()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # it comes optimised
        self._session = ort.InferenceSession(source, options, providers=_PROVIDERS)
        empty = np.zeros((1, _HEADS, 0, _HEAD_SIZE), dtype=np.float32)
        self._nothing = {f"past_key_values.{name}": empty for name in (*_SELF, *_CROSS)}
        own = [f"present.{name}" for name in _SELF]
        self._first_outputs = ["logits", *ATTENTION, *own, *(f"present.{name}" for name in _CROSS)]
        self._step_outputs = ["logits", *ATTENTION, *own]

    def begin(self, hidden: Floats, tokens: Sequence[int]) -> tuple[Decoding, Floats]:
        """Read `tokens` (the start token first) at once. Also returns the logits after each, [tokens, vocabulary]."""
        mask = np.ones((1, len(hidden) * FRAME), dtype=np.int64)
        frames = hidden[np.newaxis]
        outputs = self._session.run(
            self._first_outputs,
            {
                **self._nothing,
                "encoder_attention_mask": mask,
                "encoder_hidden_states": frames,
                "input_ids": np.array([tokens], dtype=np.int64),
                "use_cache_branch": np.array([False]),
            },
        )
        logits: Floats = outputs[0][0]
        caches = outputs[1 + LAYERS :]
        own = dict(zip((f"past_key_values.{name}" for name in _SELF), caches[: len(_SELF)], strict=True))
        cross = dict(zip((f"past_key_values.{name}" for name in _CROSS), caches[len(_SELF) :], strict=True))
        attention = _alignment_rows(outputs[1 : 1 + LAYERS])
        return Decoding(mask, frames, own, cross, attention, logits[-1]), logits

    def step(self, decodings: Sequence[Decoding], tokens: Sequence[int]) -> None:
        """Each decoding reads one more token; its logits, caches and attention move on.

        The model's activations are quantised with one range for the whole tensor: in a shared call every sequence
        would change its neighbours' words. So that a leg's words depend on that leg alone, each is a call of its own.
        """
        for decoding, token in zip(decodings, tokens, strict=True):
            outputs = self._session.run(
                self._step_outputs,
                {
                    **decoding.own,
                    **decoding.cross,
                    "encoder_attention_mask": decoding.mask,
                    "encoder_hidden_states": decoding.hidden,
                    "input_ids": np.array([[token]], dtype=np.int64),
                    "use_cache_branch": np.array([True]),
                },
            )
            decoding.logits = outputs[0][0, -1]
            row = _alignment_rows(outputs[1 : 1 + LAYERS])
            decoding.attention = np.concatenate([decoding.attention, row])
            decoding.own = dict(zip(decoding.own, outputs[1 + LAYERS :], strict=True))


def _alignment_rows(layers: Sequence[Floats]) -> Floats:
    rows: Floats = np.mean([layers[layer][0, head] for layer, head in ALIGNMENT_HEADS], axis=0, dtype=np.float32)
    return rows
