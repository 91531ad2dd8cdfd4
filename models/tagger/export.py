"""Writes the trained network as ONNX, and its int8 form.

The graph is written node by node: attention and GELU are operators of onnxruntime, which its int8 quantiser
leaves in float.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from models.tagger.evaluate import Scales
from models.tagger.model import EPSILON, HEADS, Tagger

MICROSOFT = "com.microsoft"


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes: object) -> str:
        node = helper.make_node(operator, inputs, outputs, name=f"{outputs[0]}_node", domain=domain, **attributes)
        self.nodes.append(node)
        return outputs[0]


def write_onnx(model: Tagger, path: Path, scales: Scales) -> None:
    """The float network with `scales` folded into the two outputs."""
    state = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    graph = _Graph()

    def linear(name: str, source: str, target: str, scale: float = 1.0, shift: float = 0.0) -> str:
        weight = graph.constant(f"{name}.weight", state[f"{name}.weight"].T * np.float32(scale))
        bias = graph.constant(f"{name}.bias", state[f"{name}.bias"] * np.float32(scale) + np.float32(shift))
        graph.add("MatMul", [source, weight], [f"{target}_product"])
        return graph.add("Add", [f"{target}_product", bias], [target])

    def embedding(name: str, ids: str) -> str:
        table = graph.constant(f"{name}.weight", state[f"{name}.weight"])
        return graph.add("Gather", [table, ids], [f"{name}_vectors"], axis=0)

    def norm(name: str, source: str, residual: str, target: str) -> str:
        scale = graph.constant(f"{name}.weight", state[f"{name}.weight"])
        bias = graph.constant(f"{name}.bias", state[f"{name}.bias"])
        # Sum, because onnxruntime fuses an Add into SkipLayerNormalization, which is several times slower.
        total = graph.add("Sum", [source, residual], [f"{target}_sum"])
        return graph.add("LayerNormalization", [total, scale, bias], [target], axis=-1, epsilon=EPSILON)

    words = embedding("words", "input_ids")
    kinds = graph.add("Add", [embedding("segments", "token_type_ids"), embedding("shapes", "shapes")], ["kinds"])
    graph.add("Shape", ["input_ids"], ["length"], start=1, end=2)
    zero = graph.constant("zero", np.array([0], dtype=np.int64))
    places = graph.constant("positions.weight", state["positions.weight"])
    positions = graph.add("Slice", [places, zero, "length", zero], ["positions_vectors"])
    other = graph.add("Add", [kinds, positions], ["kinds_at_positions"])
    states = norm("norm", words, other, "embedded")
    graph.add("Cast", ["attention_mask"], ["mask_float"], to=TensorProto.FLOAT)
    one = graph.constant("one", np.array(1.0, dtype=np.float32))
    far = graph.constant("far", np.array(-1e4, dtype=np.float32))
    graph.add("Sub", [one, "mask_float"], ["mask_hidden"])
    graph.add("Mul", ["mask_hidden", far], ["mask_scores"])
    axes = graph.constant("mask_axes", np.array([1, 2], dtype=np.int64))
    graph.add("Unsqueeze", ["mask_scores", axes], ["mask_row"])
    graph.add("Shape", ["input_ids"], ["batch"], start=0, end=1)
    ones = graph.constant("ones", np.array([1], dtype=np.int64))
    graph.add("Concat", ["batch", ones, "length", "length"], ["bias_shape"], axis=0)
    graph.add("Expand", ["mask_row", "bias_shape"], ["bias"])
    for index in range(len(model.layers)):
        at = f"layers.{index}"
        linear(f"{at}.qkv", states, f"{at}.qkv_out")
        parts = [f"{at}.{part}" for part in ("query", "key", "value")]
        graph.add("Split", [f"{at}.qkv_out"], parts, axis=2, num_outputs=3)
        graph.add("MultiHeadAttention", [*parts, "", "", "bias"], [f"{at}.mixed"], MICROSOFT, num_heads=HEADS)
        states = norm(
            f"{at}.norm_attention", linear(f"{at}.out", f"{at}.mixed", f"{at}.attended"), states, f"{at}.first"
        )
        up = linear(f"{at}.up", states, f"{at}.up_out")
        graph.add("Gelu", [up], [f"{at}.inner"], MICROSOFT)
        states = norm(
            f"{at}.norm_output", linear(f"{at}.down", f"{at}.inner", f"{at}.down_out"), states, f"{at}.second"
        )
    linear("labels", states, "labels", 1.0 / scales.temperature)
    linear("open", states, "open_column", scales.open_scale, scales.open_bias)
    last = graph.constant("last_axis", np.array([2], dtype=np.int64))
    graph.add("Squeeze", ["open_column", last], ["open"])
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch_size", "pieces"])
        for name in ("input_ids", "attention_mask", "token_type_ids", "shapes")
    ]
    outputs = [
        helper.make_tensor_value_info("labels", TensorProto.FLOAT, ["batch_size", "pieces", model.labels.out_features]),
        helper.make_tensor_value_info("open", TensorProto.FLOAT, ["batch_size", "pieces"]),
    ]
    proto = helper.make_model(
        helper.make_graph(graph.nodes, "tagger", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=9,
    )
    onnx.save(proto, str(path))


def write_int8(source: Path, target: Path) -> None:
    """Quantises the embeddings and the encoder's matrices (per output channel); the two outputs stay in float."""
    quantize_dynamic(
        str(source),
        str(target),
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[
            "labels_product_node",
            "open_column_product_node",
            "segments_vectors_node",
            "shapes_vectors_node",
        ],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
