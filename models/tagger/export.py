"""Writes the trained network as ONNX, in float or int8, for several turns a call that cannot change each other.

The rows of the pieces of all turns stand one after another; only attention sees them turn by turn, padded. In int8 the
products are between whole numbers and so exact, and how a row is rounded does not depend on other rows: what a
normalisation puts out is rounded by each row's own largest magnitude, for `[CLS]` and `[SEP]` hold numbers several
times those of words; what attention mixed and GELU let through is rounded in a range that is the same for all
(`Ranges`). The last layer is read for the asked rows only.

The graph is written node by node, with operators of onnxruntime for attention, GELU and products of whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from models.tagger.encode import LONGEST, Encoded, fed
from models.tagger.evaluate import Scales
from models.tagger.model import EPSILON, HEADS, HIDDEN, Tagger

MICROSOFT = "com.microsoft"
CENTRE = 128

Ranges: TypeAlias = dict[str, tuple[float, float]]
"""The lowest and highest number that a product's input holds, by the input's name."""

MARGIN = 1.1
"""Numbers may be so much larger than those seen."""


class _Graph:
    def __init__(self, state: Mapping[str, np.ndarray], ranges: Ranges | None) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self.state = state
        self.ranges = ranges
        self._centres: dict[str, str] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def number(self, value: float) -> str:
        return self.constant(f"number.{value}", np.array(value, dtype=np.float32))

    def whole(self, *values: int) -> str:
        return self.constant(f"whole.{'.'.join(map(str, values))}", np.array(values, dtype=np.int64))

    def add(self, operator: str, inputs: list[str], *outputs: str, domain: str = "", **attributes: object) -> str:
        node = helper.make_node(operator, inputs, outputs, name=f"{outputs[0]}_node", domain=domain, **attributes)
        self.nodes.append(node)
        return outputs[0]

    def embedding(self, name: str, ids: str) -> str:
        table = self.constant(f"{name}.weight", self.state[f"{name}.weight"])
        return self.add("Gather", [table, ids], f"{name}_vectors")

    def words(self) -> str:
        """The vectors of `input_ids`."""
        if self.ranges is None:
            return self.embedding("words", "input_ids")
        table = self.state["words.weight"]
        scale = np.float32((table.max() - table.min()) / 255)
        zero = np.uint8(np.rint(-table.min() / scale))
        small = np.clip(np.rint(table / scale) + zero, 0, 255).astype(np.uint8)
        vectors = self.add("Gather", [self.constant("words.weight", small), "input_ids"], "words_vectors_uint8")
        inputs = [vectors, self.constant("words.scale", scale), self.constant("words.zero", zero)]
        return self.add("DequantizeLinear", inputs, "words_vectors")

    def norm(self, name: str, source: str, residual: str, target: str) -> str:
        scale, bias = (self.constant(f"{name}.{part}", self.state[f"{name}.{part}"]) for part in ("weight", "bias"))
        # Sum, because onnxruntime fuses an Add into SkipLayerNormalization, which is several times slower.
        total = self.add("Sum", [source, residual], f"{target}_sum")
        return self.add("LayerNormalization", [total, scale, bias], target, axis=-1, epsilon=EPSILON)

    def linear(self, name: str, source: str, target: str, like: str = "input_ids") -> str:
        """[rows, in] to [rows, out]; `like` is an input with as many elements as there are rows."""
        weights, bias = self.state[f"{name}.weight"].T, self.constant(f"{name}.bias", self.state[f"{name}.bias"])
        if self.ranges is None:
            return self.add("Gemm", [source, self.constant(f"{name}.weight", weights), bias], target)
        scales = np.abs(weights).max(axis=0) / np.float32(127)
        small = self.constant(f"{name}.weight", np.rint(weights / scales).astype(np.int8))
        columns = self.constant(f"{name}.scale", scales)
        if source in self.ranges:
            rows, scale, zero = self._rounded_in_range(source, *self.ranges[source])
            inputs = [rows, small, scale, columns, zero, "", bias]
            return self.add("MatMulIntegerToFloat", inputs, target, domain=MICROSOFT)
        rows, scale = self._rounded_by_row(source, like)
        centre = self.constant("centre", np.array(CENTRE, dtype=np.uint8))
        inputs = [rows, small, self.number(1.0), columns, centre]
        product = self.add("MatMulIntegerToFloat", inputs, f"{target}_whole", domain=MICROSOFT)
        return self.add("Add", [self.add("Mul", [product, scale], f"{target}_product"), bias], target)

    def _rounded_in_range(self, source: str, low: float, high: float) -> tuple[str, str, str]:
        step = np.float32((high - low) / 255)
        scale = self.constant(f"{source}.scale", step)
        zero = self.constant(f"{source}.zero", np.uint8(np.rint(-low / step)))
        return self.add("QuantizeLinear", [source, scale, zero], f"{source}_uint8"), scale, zero

    def _rounded_by_row(self, source: str, like: str) -> tuple[str, str]:
        if like not in self._centres:
            count = self.add("Shape", [like], f"{like}_count")
            centre = self.constant("centre", np.array(CENTRE, dtype=np.uint8))
            self._centres[like] = self.add("Expand", [centre, count], f"{like}_centres")
        sizes = self.add("Abs", [source], f"{source}_sizes")
        largest = self.add("ReduceMax", [sizes, self.whole(-1)], f"{source}_largest", keepdims=0)
        scale = self.add("Mul", [largest, self.number(1 / 127)], f"{source}_scale")
        rows = self.add("QuantizeLinear", [source, scale, self._centres[like]], f"{source}_uint8", axis=0)
        return rows, self.add("Unsqueeze", [scale, self.whole(1)], f"{source}_scale_column")

    def attention(self, name: str, rows: str) -> str:
        """Queries, keys and values [rows, 3 * HIDDEN] to what each turn's places mixed, [turns * longest, HIDDEN]."""
        turns = self.add("Gather", [rows, "places"], f"{name}.turns")
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        self.add("Split", [turns], *parts, axis=2, num_outputs=3)
        inputs = [*parts, "", "lengths"]
        mixed = self.add("MultiHeadAttention", inputs, f"{name}.attention", domain=MICROSOFT, num_heads=HEADS)
        return self.add("Reshape", [mixed, self.whole(-1, HIDDEN)], f"{name}.attention_rows")


def write_onnx(model: Tagger, path: Path, scales: Scales, ranges: Ranges | None = None) -> None:
    """The network with `scales` folded into the two outputs: in float, or in int8 when there are `ranges`.

    In int8 the embeddings are rounded with one scale, the matrices with one for each column; the outputs are float.
    """
    state = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    graph = _Graph(state, ranges)
    state["positions.weight"] = state["positions.weight"][:LONGEST]
    kinds = [graph.embedding("segments", "token_type_ids"), graph.embedding("shapes", "shapes")]
    kinds = [graph.add("Add", kinds, "kinds"), graph.embedding("positions", "positions")]
    states = graph.norm("norm", graph.words(), graph.add("Add", kinds, "kinds_at_positions"), "embedded")
    last = len(model.layers) - 1
    for index in range(len(model.layers)):
        at = f"layers.{index}"
        mixed = graph.attention(at, graph.linear(f"{at}.qkv", states, f"{at}.qkv_out"))
        read, like = ("asked_places", "asked") if index == last else ("row_places", "input_ids")
        if index == last:
            graph.add("Gather", ["row_places", "asked"], "asked_places")
            states = graph.add("Gather", [states, "asked"], "asked_states")
        mixed = graph.add("Gather", [mixed, read], f"{at}.mixed")
        attended = graph.linear(f"{at}.out", mixed, f"{at}.attended", like)
        states = graph.norm(f"{at}.norm_attention", attended, states, f"{at}.first")
        up = graph.linear(f"{at}.up", states, f"{at}.up_out", like)
        inner = graph.add("Gelu", [up], f"{at}.inner", domain=MICROSOFT)
        down = graph.linear(f"{at}.down", inner, f"{at}.down_out", like)
        states = graph.norm(f"{at}.norm_output", down, states, f"{at}.second")
    # One product for both: with a single column it would be added up in an order that depends on the number of rows.
    labels, opened = (state[f"{name}.weight"].T for name in ("labels", "open"))
    weights = np.concatenate([labels / np.float32(scales.temperature), opened * np.float32(scales.open_scale)], axis=1)
    biases = np.concatenate(
        [
            state["labels.bias"] / np.float32(scales.temperature),
            state["open.bias"] * np.float32(scales.open_scale) + np.float32(scales.open_bias),
        ]
    )
    answers = [states, graph.constant("answers.weight", weights), graph.constant("answers.bias", biases)]
    graph.add("Gemm", answers, "answers")
    graph.add("Split", ["answers", graph.whole(labels.shape[1], 1)], "labels", "open_column", axis=1)
    graph.add("Squeeze", ["open_column", graph.whole(1)], "open")
    inputs = [
        *(_integers(name, "pieces") for name in ("input_ids", "token_type_ids", "shapes", "positions", "row_places")),
        _integers("places", "turns", "longest"),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["turns"]),
        _integers("asked", "asked"),
    ]
    outputs = [
        helper.make_tensor_value_info("labels", TensorProto.FLOAT, ["asked", labels.shape[1]]),
        helper.make_tensor_value_info("open", TensorProto.FLOAT, ["asked"]),
    ]
    proto = helper.make_model(
        helper.make_graph(graph.nodes, "tagger", inputs, outputs, list(graph.constants.values())),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=9,
    )
    onnx.save(proto, str(path))


def _integers(name: str, *sizes: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, list(sizes))


def ranges_of(path: Path, examples: Iterable[Encoded]) -> Ranges:
    """In what range the inputs of the products lie that are rounded alike for all rows; `path` is the float network.

    Only words' pieces count: what `[CLS]` and `[SEP]` hold beyond is cut, and the rest is told finer.
    """
    proto = onnx.load(str(path))
    produced = [output for node in proto.graph.node for output in node.output]
    names = [name for name in produced if name.endswith((".mixed", ".inner"))]
    proto.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    seen = dict.fromkeys(names, (0.0, 0.0))
    for example in examples:
        ids = np.array(example.ids)
        words = np.flatnonzero((ids != ids[0]) & (ids != ids[-1]))
        for name, values in zip(names, session.run(names, fed(example)), strict=True):
            rows = values[words] if len(values) == len(ids) else values
            low, high = seen[name]
            seen[name] = min(low, float(rows.min())), max(high, float(rows.max()))
    return {name: (low * MARGIN, high * MARGIN) for name, (low, high) in seen.items()}
