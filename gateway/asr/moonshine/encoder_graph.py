"""The encoder's graphs, built anew from the shipped weights so that a window can be encoded from a frame on.

    entrance   audio to the second convolution's output, before the normalisation's scale
    layers     that to frames: third convolution and transformer; frames before take part as keys and values

All is channels-last, and the convolutions are products with rows that lie side by side:

    conv1  kernel 127, stride 64    position p: samples from 64 p on
    conv2  kernel 7, stride 3       position q: conv1's positions from 3 q on
    conv3  kernel 3, stride 2       frame t: conv2's positions from 2 t on

The normalisation between conv1 and conv2 has one mean and one deviation for the whole window. conv2 is linear, so its
output can be made before they are known (`conv2_unscaled`), and be kept when they change:

    conv2 = gelu(conv2_unscaled / deviation + CONSTANT - mean / deviation * SUMS)

On a GPU whole windows are encoded, many at once: another kind of layers, in float (`batched_layers`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.assets import MODEL, ModelFiles
from gateway.asr.moonshine.built_models import as_onnx, kept_on_disk, signed_products_are_exact
from gateway.asr.moonshine.graph_builder import MICROSOFT, GraphBuilder, Quantised, Shape, ShippedWeights, joint

BUILD_VERSION = 1
LAYERS = 6
HEADS = 8
HEAD_SIZE = 36
WIDTH = HEADS * HEAD_SIZE
CONV2_WIDTH = 576
ROTARY = 32
"""So many of a head's numbers are turned by the position, in pairs."""
TURNS = 10_000.0 ** -(np.arange(ROTARY // 2) * 2 / ROTARY)
"""How far one position turns each pair, in radians."""
SAMPLES_PER_CONV1, CONV1_KERNEL = 64, 127
CONV1_PER_CONV2, CONV2_KERNEL = 3, 7
CONV2_PER_FRAME, CONV3_KERNEL = 2, 3
NEVER = -1e9
"""Added to a score, leaves nothing of its weight."""
_EPSILON = 1e-5
_END = 2**31 - 1

KEYS_BEFORE = tuple(f"key_before.{layer}" for layer in range(LAYERS))
VALUES_BEFORE = tuple(f"value_before.{layer}" for layer in range(LAYERS))
KEYS = tuple(f"key.{layer}" for layer in range(LAYERS))
VALUES = tuple(f"value.{layer}" for layer in range(LAYERS))


def entrance(files: ModelFiles) -> Path | bytes:
    """The entrance's path in the cache, or its bytes where the cache cannot be written.

    In: `audio` [positions of conv1 + 1, 64], the positions 3 times the positions of conv2, and 6.
    Out: `moments` [2, positions of conv1]: sums and sums of squares over channels; `conv2_unscaled` [positions of
    conv2, 576].
    """
    return _kept(files, "entrance", build_entrance)


def batched_layers(files: ModelFiles) -> Path | bytes:
    """The layers for several whole windows at once, in float: their path in the cache, or their bytes.

    All windows are padded to the same number of frames and lie one after the other.
    In: `conv2_unscaled` [2 windows frames + 2, 576], the last two rows without meaning; `scale` [2, 2 windows frames
    + 2, 1]: for each row 1 / deviation and - mean / deviation of its window; `cos` and `sin` [frames, 16]; `padding`
    [windows, 1, 1, frames]: 0, and NEVER where a window has no frame.
    Out: `hidden` [windows, frames, 288].
    """
    return _kept(files, "batched-layers", build_batched_layers, "float32")


def layers(files: ModelFiles) -> Path | bytes:
    """The layers' path in the cache, or its bytes where the cache cannot be written.

    In: `conv2_unscaled` [2 frames + 2, 576], the last row without meaning; `scale` [2]: 1 / deviation and
    - mean / deviation; `cos` and `sin` [frames, 16]; KEYS_BEFORE and VALUES_BEFORE [1, 8, frames before, 36].
    Out: `hidden` [1, frames, 288]; KEYS and VALUES [1, 8, frames before + frames, 36].
    """
    return _kept(files, "layers", build_layers)


def _kept(files: ModelFiles, part: str, build: Callable[[Shipped], bytes], kind: str = "") -> Path | bytes:
    with files.encoder.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    signed = signed_products_are_exact()
    kind = kind or ("int8" if signed else "uint8")
    name = f"moonshine-{MODEL}-{part}-{digest}-{kind}-v{BUILD_VERSION}.onnx"
    return kept_on_disk(name, lambda: build(Shipped(as_onnx(files.encoder), signed)))


class Shipped(ShippedWeights):
    """The weights of the shipped encoder."""

    def __init__(self, model: Any, signed: bool) -> None:
        """`signed`: uint8 weights become int8, less 128 as their zero point: the same numbers."""
        super().__init__("encoder", model.graph.node, model.graph.initializer, signed)

    def conv2_weight(self) -> NDArray[np.float32]:
        """[7, 288 in, 576 out]"""
        return self.value("conv2.weight_add_tensor").transpose(2, 1, 0)

    def norm_gain(self) -> NDArray[np.float32]:
        """[288]"""
        return self.value(self.inputs_of("/groupnorm/Mul_output_0")[1])[:, 0]

    def norm_offset(self) -> NDArray[np.float32]:
        """[288]"""
        return self.value(self.inputs_of("/groupnorm/Add_output_0")[1])[:, 0]


class _Graph(GraphBuilder):
    """What the two graphs are made of."""

    def cut(self, source: str, output: str, axis: int, begin: int, end: int) -> str:
        """`source[begin:end]` along `axis`."""
        bounds = [self.integers(begin), self.integers(end), self.integers(axis)]
        return self.add("Slice", [source, *bounds], output)

    def product(self, source: str, output: str, weights: Quantised, bias: NDArray[np.float32] | None = None) -> str:
        """A product with int8 weights; the other factor is quantised as it comes, as a whole."""
        if self.floating:
            bias_name = "" if bias is None else self.weight(f"{output}.bias", bias)
            return self.float_product(source, output, weights, bias_name)
        names = [
            self.weight(f"{output}.{part}", value)
            for part, value in zip(("int8", "scale", "zero"), joint([weights]), strict=True)
        ]
        bias_name = "" if bias is None else self.weight(f"{output}.bias", bias)
        return self.add("DynamicQuantizeMatMul", [source, *names, bias_name], output, domain=MICROSOFT)


def build_entrance(shipped: Shipped) -> bytes:
    """The entrance as bytes of an ONNX file."""
    graph = _Graph()
    overlap = CONV1_KERNEL - SAMPLES_PER_CONV1
    following = graph.cut("audio", "audio.following", 0, 1, _END)
    rows = [graph.cut("audio", "audio.first", 0, 0, -1), graph.cut(following, "audio.overlap", 1, 0, overlap)]
    weight = shipped.value("conv1.weight_add_tensor")[:, 0].T
    product = graph.add(
        "MatMul", [graph.add("Concat", rows, "conv1.rows", axis=1), graph.weight("conv1.w", weight)], "c1"
    )
    conv1 = graph.add("Tanh", [product], "conv1")
    moments = [
        graph.add(kind, [conv1, graph.integers(1)], f"conv1.{kind}", keepdims=1)
        for kind in ("ReduceSum", "ReduceSumSquare")
    ]
    graph.add("Transpose", [graph.add("Concat", moments, "conv1.moments", axis=1)], "moments")
    groups = graph.add("Reshape", [conv1, graph.integers(-1, CONV1_PER_CONV2 * WIDTH)], "conv1.groups")
    rows = [
        graph.cut(groups, "conv1.first", 0, 0, -2),
        graph.cut(groups, "conv1.second", 0, 1, -1),
        graph.cut(graph.cut(groups, "conv1.third", 0, 2, _END), "conv1.overlap", 1, 0, WIDTH),
    ]
    weight = shipped.conv2_weight() * shipped.norm_gain()[:, np.newaxis]
    rows_name = graph.add("Concat", rows, "conv2.rows", axis=1)
    graph.add("MatMul", [rows_name, graph.weight("conv2.w", weight.reshape(-1, CONV2_WIDTH))], "conv2_unscaled")
    return graph.content(
        "entrance",
        {"audio": ["chunks", SAMPLES_PER_CONV1]},
        {"moments": [2, "conv1"], "conv2_unscaled": ["conv2", CONV2_WIDTH]},
    )


def build_layers(shipped: Shipped) -> bytes:
    """The layers as bytes of an ONNX file."""
    graph = _Graph()
    _frames(graph, shipped)
    before: Shape = [1, HEADS, "frames_before", HEAD_SIZE]
    after: Shape = [1, HEADS, "frames_after", HEAD_SIZE]
    table: Shape = ["frames", ROTARY // 2]
    return graph.content(
        "layers",
        {
            "conv2_unscaled": ["conv2", CONV2_WIDTH],
            "scale": [2],
            "cos": table,
            "sin": table,
            **dict.fromkeys((*KEYS_BEFORE, *VALUES_BEFORE), before),
        },
        {"hidden": [1, "frames", WIDTH], **dict.fromkeys((*KEYS, *VALUES), after)},
    )


def build_batched_layers(shipped: Shipped) -> bytes:
    """The layers for several windows as bytes of an ONNX file."""
    graph = _Graph(floating=True)
    graph.add("Shape", ["cos"], "frames.count", end=1)
    graph.add("Concat", [graph.integers(-1), "frames.count", graph.integers(WIDTH)], "frames.shape", axis=0)
    _frames(graph, shipped)
    table: Shape = ["frames", ROTARY // 2]
    return graph.content(
        "batched layers",
        {
            "conv2_unscaled": ["conv2", CONV2_WIDTH],
            "scale": [2, "conv2", 1],
            "cos": table,
            "sin": table,
            "padding": ["windows", 1, 1, "frames"],
        },
        {"hidden": ["windows", "frames", WIDTH]},
    )


def _frames(graph: _Graph, shipped: Shipped) -> None:
    """All from `conv2_unscaled` to `hidden`."""
    hidden, added = _conv3(graph, shipped), ""
    for layer in range(LAYERS):
        hidden, added = _layer(graph, shipped, layer, hidden, added)
    _add_and_norm(graph, hidden, added, shipped.value("layer_norm.weight"), "sum", "hidden")


def _conv3(graph: _Graph, shipped: Shipped) -> str:
    """`conv2_unscaled` to frames [windows, frames, 288]."""
    weight = shipped.conv2_weight()
    constant = np.einsum("kio,i->o", weight, shipped.norm_offset()) + shipped.value("conv2.bias")
    sums = np.einsum("kio,i->o", weight, shipped.norm_gain())
    gain, shift = graph.cut("scale", "scale.gain", 0, 0, 1), graph.cut("scale", "scale.shift", 0, 1, 2)
    shift = graph.add("Mul", [shift, graph.weight("conv2.sums", sums)], "conv2.mean")
    shift = graph.add("Add", [shift, graph.weight("conv2.constant", constant)], "conv2.shift")
    scaled = graph.add("Mul", ["conv2_unscaled", gain], "conv2.scaled")
    gelu = graph.add("Gelu", [graph.add("Add", [scaled, shift], "conv2.sum")], "conv2", domain=MICROSOFT)
    pairs = graph.add("Reshape", [gelu, graph.integers(-1, CONV2_PER_FRAME * CONV2_WIDTH)], "conv2.pairs")
    following = graph.cut(pairs, "conv2.following", 0, 1, _END)
    rows = [graph.cut(pairs, "conv2.first", 0, 0, -1), graph.cut(following, "conv2.overlap", 1, 0, CONV2_WIDTH)]
    weight = shipped.value("conv3.weight_add_tensor").transpose(2, 1, 0).reshape(-1, WIDTH)
    product = graph.add(
        "MatMul", [graph.add("Concat", rows, "conv3.rows", axis=1), graph.weight("conv3.w", weight)], "c3"
    )
    biased = graph.add("Add", [product, graph.weight("conv3.b", shipped.value("conv3.bias"))], "conv3.sum")
    frames = graph.add("Gelu", [biased], "conv3", domain=MICROSOFT)
    if graph.floating:
        return graph.add("Reshape", [frames, "frames.shape"], "frames")
    return graph.add("Unsqueeze", [frames, graph.integers(0)], "frames")


def _layer(graph: _Graph, shipped: Shipped, layer: int, hidden: str, added: str) -> tuple[str, str]:
    """One transformer layer. Takes and gives a sum in two parts, as the next norm adds them."""
    here = f"layers.{layer}"
    hidden, norm = _add_and_norm(
        graph, hidden, added, shipped.value(f"{here}.input_layernorm.weight"), f"{here}.sum", f"{here}.norm"
    )
    weights = joint([shipped.quantised(f"/{here}/self_attn/{part}_proj/MatMul_output_0") for part in "qkv"])
    product = graph.product(norm, f"{here}.qkv", weights)
    query, key, value = f"{here}.q", f"{here}.k", f"{here}.v"
    graph.add("Split", [product], query, key, value, axis=2, num_outputs=3)
    turned_query, turned_key = (
        graph.add(
            "RotaryEmbedding",
            [source, graph.integers(0), "cos", "sin"],
            f"{source}.turned",
            domain=MICROSOFT,
            interleaved=1,
            num_heads=HEADS,
            rotary_embedding_dim=ROTARY,
        )
        for source in (query, key)
    )
    attend = _attend_in_window if graph.floating else _attend_to_all
    attended = attend(graph, layer, turned_query, turned_key, value)
    out = graph.product(attended, f"{here}.out", shipped.quantised(f"/{here}/self_attn/o_proj/MatMul_output_0"))
    gain = shipped.value(f"{here}.post_attention_layernorm.weight")
    hidden, norm = _add_and_norm(graph, hidden, out, gain, f"{here}.sum2", f"{here}.norm2")
    wide, narrow = (f"/{here}/mlp/{part}/Add_output_0" for part in ("fc1", "fc2"))
    wide = graph.product(norm, f"{here}.wide", shipped.quantised(wide), shipped.value(f"{here}.mlp.fc1.bias"))
    wide = graph.add("Gelu", [wide], f"{here}.gelu", domain=MICROSOFT)
    narrow = graph.product(wide, f"{here}.narrow", shipped.quantised(narrow), shipped.value(f"{here}.mlp.fc2.bias"))
    return hidden, narrow


def _attend_to_all(graph: _Graph, layer: int, query: str, key: str, value: str) -> str:
    """Attention to the frames before too. Makes KEYS and VALUES."""
    return graph.add(
        "MultiHeadAttention",
        [query, key, value, "", "", "", KEYS_BEFORE[layer], VALUES_BEFORE[layer]],
        f"layers.{layer}.attended",
        KEYS[layer],
        VALUES[layer],
        domain=MICROSOFT,
        num_heads=HEADS,
    )


def _attend_in_window(graph: _Graph, layer: int, query: str, key: str, value: str) -> str:
    """Attention of each window's frames to one another."""
    here = f"layers.{layer}"
    query, key, value = (
        graph.add(
            "Transpose",
            [graph.add("Reshape", [source, graph.integers(0, 0, HEADS, HEAD_SIZE)], f"{source}.rows")],
            f"{source}.heads",
            perm=[0, 2, 1, 3],
        )
        for source in (query, key, value)
    )
    scores = graph.add("FusedMatMul", [query, key], f"{here}.scores", domain=MICROSOFT, transB=1, alpha=HEAD_SIZE**-0.5)
    weights = graph.add("Softmax", [graph.add("Add", [scores, "padding"], f"{here}.real")], f"{here}.weights", axis=-1)
    heads = graph.add("MatMul", [weights, value], f"{here}.heads")
    together = graph.add("Transpose", [heads], f"{here}.together", perm=[0, 2, 1, 3])
    return graph.add("Reshape", [together, graph.integers(0, 0, WIDTH)], f"{here}.attended")


def _add_and_norm(
    graph: _Graph, hidden: str, added: str, gain: NDArray[np.float32], total: str, output: str
) -> tuple[str, str]:
    """The sum of both, and its layer norm, which has a gain and no offset. `added` may be empty."""
    gain_name = graph.weight(f"{output}.gain", gain)
    if not added:
        graph.add("LayerNormalization", [hidden, gain_name], output, axis=-1, epsilon=_EPSILON)
        return hidden, output
    graph.add("Add", [hidden, added], total)
    graph.add("LayerNormalization", [total, gain_name], output, axis=-1, epsilon=_EPSILON)
    return total, output
