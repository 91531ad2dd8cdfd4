"""The tagger's network: the MiniLM-L6 encoder with a label and an "open" output for every word piece.

The encoder is BERT's (Devlin et al., 2019): learnt positions, post-layer-norm, GELU. To it comes an embedding of how
each word is written (`encode.shape`), because the base only knows lower case.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

HIDDEN = 384
HEADS = 12
INNER = 1536
EPSILON = 1e-12
SHAPES = 4


class Layer(nn.Module):
    """One encoder layer; `bias` is added to the attention scores, [B, 1, 1, T]."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm_attention = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.norm_output = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.dropout = nn.Dropout(0.1)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        batch, length, _ = states.shape
        query, key, value = (
            self.qkv(states).view(batch, length, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        )
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        mixed = mixed.transpose(1, 2).reshape(batch, length, HIDDEN)
        states = self.norm_attention(states + self.dropout(self.out(mixed)))
        return self.norm_output(states + self.dropout(self.down(F.gelu(self.up(states)))))


class Tagger(nn.Module):
    """Logits of `labels` [B, T, labels] and of "this word's entity continues past the last word" [B, T]."""

    def __init__(self, labels: int, vocabulary: int, layers: int = 6, positions: int = 512) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, HIDDEN)
        self.positions = nn.Embedding(positions, HIDDEN)
        self.segments = nn.Embedding(2, HIDDEN)
        self.shapes = nn.Embedding(SHAPES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.labels = nn.Linear(HIDDEN, labels)
        self.open = nn.Linear(HIDDEN, 1)
        self.dropout = nn.Dropout(0.1)
        nn.init.zeros_(self.shapes.weight)

    def forward(self, ids: Tensor, mask: Tensor, segments: Tensor, shapes: Tensor) -> tuple[Tensor, Tensor]:
        states = self.words(ids) + self.positions.weight[: ids.shape[1]] + self.segments(segments) + self.shapes(shapes)
        states = self.dropout(self.norm(states))
        bias = ((1.0 - mask.float()) * -1e4)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, bias)
        states = self.dropout(states)
        return self.labels(states).float(), self.open(states).squeeze(-1).float()


def load_base(model: Tagger, weights: Path, keep: tuple[int, ...]) -> None:
    """Fills the encoder from the base's safetensors; layer i of `model` comes from layer keep[i] of the base."""
    base = load_file(str(weights))
    state = model.state_dict()

    def put(target: str, *sources: str) -> None:
        value = torch.cat([base[source] for source in sources])
        if state[target].shape != value.shape:
            raise ValueError(f"{target}: the base has shape {tuple(value.shape)}")
        state[target].copy_(value)

    put("words.weight", "embeddings.word_embeddings.weight")
    put("positions.weight", "embeddings.position_embeddings.weight")
    put("segments.weight", "embeddings.token_type_embeddings.weight")
    names = {
        "out": "attention.output.dense",
        "norm_attention": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm_output": "output.LayerNorm",
    }
    for part in ("weight", "bias"):
        put(f"norm.{part}", f"embeddings.LayerNorm.{part}")
        for index, source in enumerate(keep):
            at = f"encoder.layer.{source}"
            put(
                f"layers.{index}.qkv.{part}",
                *(f"{at}.attention.self.{one}.{part}" for one in ("query", "key", "value")),
            )
            for target, name in names.items():
                put(f"layers.{index}.{target}.{part}", f"{at}.{name}.{part}")
