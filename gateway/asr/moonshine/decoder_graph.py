"""The decoder's two graphs, built anew from the shipped weights so that windows can share a call.

    memory    frames to the keys and values that the cross-attention reads
    tokens    tokens, what was read before and the memory to logits, and to what later tokens read

A row's result does not depend, to the last bit, on the other rows of the call nor on how far its caches are padded:
  - Products are between whole numbers. Each row of activations has a range of its own: 127 is its largest magnitude.
  - Padding is zeros up to a multiple of PADDING. Values carry a last column of ones, and zeros where there is padding,
    so that the product with exp(scores) gives the softmax's sum too, in an order that padding does not change.
  - One token of each sequence, and several, are different kinds of product, with other last bits. So a sequence that
    reads several is never in a call with those that read one. Several come in multiples of four.
On a GPU the graphs are in float (`floating`): rows then agree but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.assets import MODEL, ModelFiles
from gateway.asr.moonshine.built_models import as_onnx, kept_on_disk, signed_products_are_exact
from gateway.asr.moonshine.graph_builder import (
    MICROSOFT,
    GraphBuilder,
    Quantised,
    Shape,
    ShippedWeights,
    dequantised,
    joint,
)
from gateway.asr.moonshine.tokenizer import Tokenizer, english_tokens
from gateway.errors import EngineError

BUILD_VERSION = 1
LAYERS = 6
HEADS = 8
HEAD_SIZE = 36
WIDTH = HEADS * HEAD_SIZE
VALUE_SIZE = HEAD_SIZE + 1
"""A head's value and the one that counts it."""
PADDING = 16
NEVER = -1e9
"""Added to a score, leaves nothing of its weight."""
POSITIONS = 1_024
"""So many tokens a sequence may have at most."""
ALIGNMENT_HEADS = ((3, 5), (4, 1), (4, 3), (5, 7), (3, 6), (5, 1), (5, 4), (4, 7))
"""Layer and head: those whose cross-attention peaks closest to the middle of the spoken word."""

CROSS_KEYS = tuple(f"cross_keys.{layer}" for layer in range(LAYERS))
CROSS_VALUES = tuple(f"cross_values.{layer}" for layer in range(LAYERS))
KEYS = tuple(f"keys.{layer}" for layer in range(LAYERS))
VALUES = tuple(f"values.{layer}" for layer in range(LAYERS))

_ROTARY = 32
_EPSILON = 1e-5
_LARGEST_SCORE = 80.0
"""Those of the self-attention stay below 30: their maximum need not be taken off, only kept from overflow."""
_CENTRE = 128


def memory_graph(files: ModelFiles, floating: bool = False) -> Path | bytes:
    """The memory's path in the cache, or its bytes where the cache cannot be written. `floating`: as on a GPU.

    In: `frames` [frames, 288]; `pads` [1]: how many frames of padding to add.
    Out: CROSS_KEYS [1, 8, padded frames, 36] and CROSS_VALUES [1, 8, padded frames, 37].
    """
    return _kept(files, "memory", floating)


def tokens_graph(files: ModelFiles, floating: bool = False) -> Path | bytes:
    """The path of the graph that reads tokens, or its bytes where the cache cannot be written. `floating`: as on a GPU.

    In: `tokens` and `positions` [sequences, tokens]; `wanted` [rows]: where, in the flattened tokens, logits are read;
    `causal` [tokens, tokens]: 1 where a token (row) sees another, else 0; `padding` [sequences, 1, 1, padded frames]:
    0, and NEVER where there is no frame; KEYS [sequences, 8, tokens before, 36] and VALUES [sequences, 8, tokens
    before, 37], padded; CROSS_KEYS and CROSS_VALUES as of the memory.
    Out: `logits` [rows, `english_tokens`]; `attention` [sequences, tokens, padded frames], the mean of ALIGNMENT_HEADS;
    `new_keys` [6, sequences, 8, tokens, 36] and `new_values` [6, sequences, 8, tokens, 37].
    When `floating`, CROSS_KEYS and CROSS_VALUES may be those of more sequences, so that they need not move; `places`
    [sequences] says where each has its own.
    """
    return _kept(files, "tokens", floating)


def _kept(files: ModelFiles, part: str, floating: bool) -> Path | bytes:
    signed = signed_products_are_exact()
    kind = "float32" if floating else "int8" if signed else "uint8"
    name = f"moonshine-{MODEL}-{part}-{files.digest()}-{kind}-v{BUILD_VERSION}.onnx"

    def build() -> bytes:
        shipped = Shipped(as_onnx(files.decoder), signed)
        if part == "memory":
            return build_memory(shipped, floating)
        return build_tokens(shipped, english_tokens(Tokenizer.from_file(files.tokenizer)), floating)

    return kept_on_disk(name, build)


class Shipped(ShippedWeights):
    """The weights of the shipped decoder."""

    def __init__(self, model: Any, signed: bool) -> None:
        """`signed`: uint8 weights become int8, less 128 as their zero point: the same numbers."""
        branches = [attribute.g for node in model.graph.node for attribute in node.attribute]
        without_cache = next((graph for graph in branches if _holds_memory(graph)), None)
        if without_cache is None:
            raise EngineError("the speech model's decoder is of an unknown kind: install moonshine-voice==0.1.0")
        weights = [*model.graph.initializer, *without_cache.initializer]
        super().__init__("decoder", without_cache.node, weights, signed)

    def projection(self, layer: int, attention: str, part: str) -> Quantised:
        """The product of an attention, `part` one of q, k, v, o; the query's takes the scores' scale along."""
        weights, scales, zeros = self.quantised(
            f"/model/decoder/layers.{layer}/{attention}/{part}_proj/MatMul_output_0"
        )
        return weights, np.asarray(scales / np.float32(HEAD_SIZE**0.5)) if part == "q" else scales, zeros

    def gain(self, layer: int, norm: str) -> NDArray[np.float32]:
        """What a layer's norm multiplies by."""
        return self.value(f"model.decoder.layers.{layer}.{norm}.weight_merged_0")

    def turns(self) -> NDArray[np.float32]:
        """How far each position turns the pairs of numbers of a head, in radians: [POSITIONS, 16]."""
        inputs = self.inputs_of("/model/decoder/rotary_emb/Expand_output_0")
        turns: NDArray[np.float32] = np.outer(np.arange(POSITIONS), self.value(inputs[0])).astype(np.float32)
        return turns


def _holds_memory(graph: Any) -> bool:
    name = "/model/decoder/layers.0/encoder_attn/k_proj/MatMul_output_0"
    return any(name in node.output for node in graph.node)


class _Graph(GraphBuilder):
    """What the two graphs are made of."""

    def __init__(self, floating: bool) -> None:
        super().__init__(floating)
        self._centres = ""

    def shaped(self, source: str, output: str, *shape: int) -> str:
        """The same numbers in another shape; 0 leaves a size as it is."""
        return self.add("Reshape", [source, self.integers(*shape)], output)

    def centres(self, like: str) -> None:
        """From here on `quantise` takes as many rows as `like` has."""
        if self.floating:
            return
        count = self.add("Shape", [like], f"{like}.rows", end=1)
        self._centres = self.add("Expand", [self.weight("centre", np.array(_CENTRE, dtype=np.uint8)), count],
                                 f"{like}.centres")  # fmt: skip

    def quantise(self, rows: str) -> tuple[str, str]:
        """[rows, in] to the same as uint8, and each row's scale as a column. In float they stay as they are."""
        if self.floating:
            return rows, ""
        largest = self.add("ReduceMax", [self.add("Abs", [rows], f"{rows}.abs"), self.integers(-1)], f"{rows}.max",
                           keepdims=0)  # fmt: skip
        scale = self.add("Mul", [largest, self.number(1 / 127)], f"{rows}.scale")
        small = self.add("QuantizeLinear", [rows, scale, self._centres], f"{rows}.uint8", axis=0)
        return small, self.add("Unsqueeze", [scale, self.integers(1)], f"{rows}.column")

    def product(self, quantised: tuple[str, str], output: str, weights: Quantised, bias: str = "") -> str:
        """[rows, out], float."""
        rows, scale = quantised
        if self.floating:
            return self.float_product(rows, output, weights, bias)
        values, scales, zeros = (
            self.weight(f"{output}.{part}", value)
            for part, value in zip(("weights", "scales", "zeros"), weights, strict=True)
        )
        centre = self.weight("centre", np.array(_CENTRE, dtype=np.uint8))
        whole = self.add("MatMulIntegerToFloat", [rows, values, self.number(1.0), scales, centre, zeros],
                         f"{output}.whole", domain=MICROSOFT)  # fmt: skip
        if not bias:
            return self.add("Mul", [whole, scale], output)
        return self.add("Add", [self.add("Mul", [whole, scale], f"{output}.scaled"), bias], output)

    def scores(self, query: str, keys: str, output: str) -> str:
        """[sequences, heads, tokens, keys]"""
        return self.add("FusedMatMul", [query, keys], f"{output}.scores", domain=MICROSOFT, transB=1)

    def counted(self, source: str, output: str) -> str:
        """Values with the column of ones."""
        pads = self.integers(0, 0, 0, 0, 0, 0, 0, 1)
        return self.add("Pad", [source, pads, self.number(1.0)], output)

    def divided(self, sums: str, output: str) -> tuple[str, str]:
        """Sums over values, with the sum of the weights in the last column, to rows [sequences * tokens, 288].

        Also the name of that last column.
        """
        self.add("Split", [sums, self.integers(HEAD_SIZE, 1)], f"{output}.sums", f"{output}.total", axis=3)
        mean = self.add("Div", [f"{output}.sums", f"{output}.total"], f"{output}.heads")
        mean = self.add("Transpose", [mean], f"{output}.together", perm=[0, 2, 1, 3])
        return self.shaped(mean, output, -1, WIDTH), f"{output}.total"

    def norm(self, hidden: str, added: str, gain: NDArray[np.float32], output: str) -> tuple[str, str]:
        """The sum of both, and its layer norm, which has a gain and no offset. `added` may be empty."""
        gain_name = self.weight(f"{output}.gain", gain)
        if added:
            hidden = self.add("Add", [hidden, added], f"{output}.sum")
        return hidden, self.add("LayerNormalization", [hidden, gain_name], output, axis=-1, epsilon=_EPSILON)


def build_memory(shipped: Shipped, floating: bool = False) -> bytes:
    """The memory as bytes of an ONNX file."""
    graph = _Graph(floating)
    graph.add("Concat", [graph.integers(0, 0, 0, 0, 0, 0), "pads", graph.integers(0)], "pads.all", axis=0)
    graph.centres("frames")
    frames = graph.quantise("frames")
    for layer in range(LAYERS):
        parts = [shipped.projection(layer, "encoder_attn", part) for part in "kv"]
        both = graph.product(frames, f"both.{layer}", joint(parts))
        heads = graph.shaped(both, f"both.{layer}.heads", 1, -1, 2 * HEADS, HEAD_SIZE)
        key, value = f"key.{layer}", f"value.{layer}"
        graph.add("Split", [heads, graph.integers(HEADS, HEADS)], key, value, axis=2)
        key = graph.add("Transpose", [key], f"{key}.heads", perm=[0, 2, 1, 3])
        value = graph.counted(graph.add("Transpose", [value], f"{value}.heads", perm=[0, 2, 1, 3]), f"{value}.counted")
        for source, output in ((key, CROSS_KEYS[layer]), (value, CROSS_VALUES[layer])):
            graph.add("Pad", [source, "pads.all"], output)
    keys: Shape = [1, HEADS, "padded_frames", HEAD_SIZE]
    values: Shape = [1, HEADS, "padded_frames", VALUE_SIZE]
    return graph.content(
        "memory",
        {"frames": ["frames", WIDTH], "pads": [1]},
        {**dict.fromkeys(CROSS_KEYS, keys), **dict.fromkeys(CROSS_VALUES, values)},
        whole=["pads"],
    )


def build_tokens(shipped: Shipped, written: Sequence[int], floating: bool = False) -> bytes:
    """The graph that reads tokens as bytes of an ONNX file. `written`: the tokens that get logits, in this order."""
    graph = _Graph(floating)
    inputs = shipped.inputs_of("/model/decoder/embed_tokens/Gather_output_0")
    table, scale, zero = (
        shipped.value(name) for name in ("model.decoder.embed_tokens.weight_merged_0_quantized", *inputs[1:])
    )
    graph.centres(graph.shaped("tokens", "tokens.flat", -1))
    hidden, added = _embedding(graph, (table, scale, zero)), ""
    turns = shipped.turns()
    graph.weight("cos", np.cos(turns))
    graph.weight("sin", np.sin(turns))
    # [sequences, tokens], to give rows their shape back
    graph.add("Shape", ["tokens"], "shape")
    graph.add("Concat", ["shape", graph.integers(-1)], "shape.rows", axis=0)
    graph.add("Concat", ["shape", graph.integers(-1, HEAD_SIZE)], "shape.heads", axis=0)
    parts = []
    for layer in range(LAYERS):
        hidden, added, part = _layer(graph, shipped, layer, hidden, added)
        parts += part
    hidden = graph.add("Add", [hidden, added], "hidden")
    hidden = graph.add("Gather", [hidden, "wanted"], "hidden.wanted", axis=0)
    graph.centres("wanted")
    _, rows = graph.norm(hidden, "", shipped.value("model.decoder.norm.weight_merged_0"), "last_norm")
    weights, scale, zero = shipped.quantised("logits")
    graph.product(graph.quantise(rows), "logits", (weights[:, list(written)], scale, zero))
    total = graph.add("Concat", parts, "alignment.all", axis=1)
    # One by one: the order in which a reduction adds up depends on how many sequences there are.
    heads = [f"alignment.{head}" for head in range(len(ALIGNMENT_HEADS))]
    graph.add("Split", [total], *heads, axis=1, num_outputs=len(heads))
    mean = graph.add("Mul", [graph.add("Sum", heads, "alignment.sum"), graph.number(1 / len(heads))], "alignment")
    graph.add("Squeeze", [mean, graph.integers(1)], "attention")
    for kind in ("new_keys", "new_values"):
        rows_of = [
            graph.add("Unsqueeze", [f"{kind}.{layer}", graph.integers(0)], f"{kind}.{layer}.one")
            for layer in range(LAYERS)
        ]
        graph.add("Concat", rows_of, kind, axis=0)
    ids: Shape = ["sequences", "tokens"]
    remembered = "begun" if floating else "sequences"
    return graph.content(
        "tokens",
        {
            "tokens": ids,
            "positions": ids,
            "wanted": ["rows"],
            "causal": ["tokens", "tokens"],
            "padding": ["sequences", 1, 1, "padded_frames"],
            **{name: ["sequences", HEADS, "before", HEAD_SIZE] for name in KEYS},
            **{name: ["sequences", HEADS, "before", VALUE_SIZE] for name in VALUES},
            **{name: [remembered, HEADS, "padded_frames", HEAD_SIZE] for name in CROSS_KEYS},
            **{name: [remembered, HEADS, "padded_frames", VALUE_SIZE] for name in CROSS_VALUES},
            **({"places": ["sequences"]} if floating else {}),
        },
        {
            "logits": ["rows", len(written)],
            "attention": ["sequences", "tokens", "padded_frames"],
            "new_keys": [LAYERS, "sequences", HEADS, "tokens", HEAD_SIZE],
            "new_values": [LAYERS, "sequences", HEADS, "tokens", VALUE_SIZE],
        },
        whole=["tokens", "positions", "wanted", "places"],
    )


def _embedding(graph: _Graph, table: Quantised) -> str:
    """Of `tokens.flat`, [rows, 288]."""
    if graph.floating:
        return graph.add("Gather", [graph.weight("embedding", dequantised(*table)), "tokens.flat"], "token")
    values, scale, zero = (
        graph.weight(name, value)
        for name, value in zip(("embedding", "embedding.scale", "embedding.zero"), table, strict=True)
    )
    rows = graph.add("Gather", [values, "tokens.flat"], "token.uint8")
    return graph.add("DequantizeLinear", [rows, scale, zero], "token")


def _layer(graph: _Graph, shipped: Shipped, layer: int, hidden: str, added: str) -> tuple[str, str, list[str]]:
    """One layer. Takes and gives a sum in two parts, as the next norm adds them; also its alignment heads' weights."""
    here = f"layer.{layer}"
    hidden, rows = graph.norm(hidden, added, shipped.gain(layer, "input_layernorm"), f"{here}.norm1")
    rows = _self_attention(graph, shipped, layer, rows)
    output = shipped.projection(layer, "self_attn", "o")
    added = graph.product(graph.quantise(rows), f"{here}.out1", output)
    hidden, rows = graph.norm(hidden, added, shipped.gain(layer, "post_attention_layernorm"), f"{here}.norm2")
    rows, parts = _cross_attention(graph, shipped, layer, rows)
    output = shipped.projection(layer, "encoder_attn", "o")
    added = graph.product(graph.quantise(rows), f"{here}.out2", output)
    hidden, rows = graph.norm(hidden, added, shipped.gain(layer, "final_layernorm"), f"{here}.norm3")
    biases = [
        graph.weight(f"{here}.{part}.bias", shipped.value(f"model.decoder.layers.{layer}.mlp.{part}.bias_merged_0"))
        for part in ("fc1", "fc2")
    ]
    products = [shipped.quantised(f"/model/decoder/layers.{layer}/mlp/{part}/Add_output_0") for part in ("fc1", "fc2")]
    wide = graph.product(graph.quantise(rows), f"{here}.wide", products[0], biases[0])
    half = products[1][0].shape[0]
    graph.add("Split", [wide, graph.integers(half, half)], f"{here}.up", f"{here}.gate", axis=1)
    gate = graph.add("QuickGelu", [f"{here}.gate"], f"{here}.gate.open", domain=MICROSOFT, alpha=1.0)
    gated = graph.add("Mul", [gate, f"{here}.up"], f"{here}.gated")
    added = graph.product(graph.quantise(gated), f"{here}.narrow", products[1], biases[1])
    return hidden, added, parts


def _self_attention(graph: _Graph, shipped: Shipped, layer: int, rows: str) -> str:
    here = f"layer.{layer}.self"
    weights = joint([shipped.projection(layer, "self_attn", part) for part in "qkv"])
    product = graph.product(graph.quantise(rows), f"{here}.qkv", weights)
    graph.add("Split", [product, graph.integers(2 * WIDTH, WIDTH)], f"{here}.qk", f"{here}.v", axis=1)
    turned = graph.add(
        "RotaryEmbedding",
        [graph.add("Reshape", [f"{here}.qk", "shape.rows"], f"{here}.qk.rows"), "positions", "cos", "sin"],
        f"{here}.turned",
        domain=MICROSOFT,
        interleaved=1,
        num_heads=2 * HEADS,
        rotary_embedding_dim=_ROTARY,
    )
    heads = graph.add("Reshape", [turned, "shape.heads"], f"{here}.heads")
    graph.add("Split", [heads, graph.integers(HEADS, HEADS)], f"{here}.q.rows", f"{here}.k.rows", axis=2)
    query = graph.add("Transpose", [f"{here}.q.rows"], f"{here}.q", perm=[0, 2, 1, 3])
    key = graph.add("Transpose", [f"{here}.k.rows"], f"new_keys.{layer}", perm=[0, 2, 1, 3])
    value = graph.add("Reshape", [f"{here}.v", "shape.heads"], f"{here}.v.rows")
    value = graph.add("Transpose", [value], f"{here}.v.heads", perm=[0, 2, 1, 3])
    value = graph.counted(value, f"new_values.{layer}")
    parts = []
    for keys, name in ((KEYS[layer], f"{here}.before"), (key, f"{here}.all")):
        limits = [graph.number(-_LARGEST_SCORE), graph.number(_LARGEST_SCORE)]
        scores = graph.add("Clip", [graph.scores(query, keys, name), *limits], f"{name}.cut")
        parts.append(graph.add("Exp", [scores], f"{name}.weights"))
    before, now = parts[0], graph.add("Mul", [parts[1], "causal"], f"{here}.now")
    before = graph.add("MatMul", [before, VALUES[layer]], f"{here}.before.sums")
    now = graph.add("MatMul", [now, value], f"{here}.now.sums")
    attended, _ = graph.divided(graph.add("Add", [before, now], f"{here}.both"), f"{here}.attended")
    return attended


def _cross_attention(graph: _Graph, shipped: Shipped, layer: int, rows: str) -> tuple[str, list[str]]:
    here = f"layer.{layer}.cross"
    query = graph.product(graph.quantise(rows), f"{here}.q.rows", shipped.projection(layer, "encoder_attn", "q"))
    query = graph.add("Reshape", [query, "shape.heads"], f"{here}.q.heads")
    query = graph.add("Transpose", [query], f"{here}.q", perm=[0, 2, 1, 3])
    keys, values = CROSS_KEYS[layer], CROSS_VALUES[layer]
    if graph.floating:
        keys, values = (graph.add("Gather", [name, "places"], f"{name}.own", axis=0) for name in (keys, values))
    scores = graph.add("Add", [graph.scores(query, keys, here), "padding"], f"{here}.real")
    largest = graph.add("ReduceMax", [scores, graph.integers(-1)], f"{here}.largest", keepdims=1)
    weights = graph.add("Exp", [graph.add("Sub", [scores, largest], f"{here}.below")], f"{here}.weights")
    sums = graph.add("MatMul", [weights, values], f"{here}.both")
    attended, total = graph.divided(sums, f"{here}.attended")
    heads = sorted(head for its_layer, head in ALIGNMENT_HEADS if its_layer == layer)
    if not heads:
        return attended, []
    parts = [
        graph.add("Gather", [source, graph.integers(*heads)], f"{source}.alignment", axis=1)
        for source in (weights, total)
    ]
    return attended, [graph.add("Div", parts, f"{here}.alignment")]
