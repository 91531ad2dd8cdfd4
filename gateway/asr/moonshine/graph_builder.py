"""Building ONNX graphs anew from the weights of shipped ones. `onnx` is imported only when something is built."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.errors import EngineError

MICROSOFT = "com.microsoft"
"""The domain of onnxruntime's own operators."""

Quantised: TypeAlias = tuple[NDArray[Any], NDArray[np.float32], NDArray[Any]]
"""Weights [in, out] as int8 or uint8; scale and zero point, scalars or [out]: (weights - zero) * scale."""
Shape: TypeAlias = list[str | int]


class ShippedWeights:
    """The weights of a shipped graph, found by what they are for."""

    def __init__(self, part: str, nodes: Iterable[Any], initializers: Iterable[Any], signed: bool) -> None:
        """`part`: what errors call it. `signed`: uint8 weights become int8, less 128 as their zero point."""
        from onnx import numpy_helper

        self._part = part
        self._signed = signed
        self._values = {item.name: numpy_helper.to_array(item) for item in initializers}
        self._producers = {output: node for node in nodes for output in node.output}

    def inputs_of(self, output: str) -> list[str]:
        """The input names of the node that makes `output`. Raises EngineError when the graph is another one."""
        if output not in self._producers:
            raise EngineError(f"the speech model's {self._part} has no {output}: install moonshine-voice==0.1.0")
        return list(self._producers[output].input)

    def value(self, name: str) -> NDArray[Any]:
        """A weight. Raises EngineError when the graph is another one."""
        if name not in self._values:
            raise EngineError(f"the speech model's {self._part} has no {name}: install moonshine-voice==0.1.0")
        return self._values[name]

    def quantised(self, output: str) -> Quantised:
        """The weights of the product that makes `output`; one scale and one zero point for all."""
        inputs = self.inputs_of(output)
        (name,) = (name for name in inputs if name.endswith("_quantized") and name in self._values)
        stem = name.removesuffix("_quantized")
        weights, zero = self.value(name), self.value(f"{stem}_zero_point")
        if self._signed:
            weights, zero = ((side.astype(np.int16) - 128).astype(np.int8) for side in (weights, zero))
        return weights, self.value(f"{stem}_scale"), zero


def joint(parts: Sequence[Quantised]) -> Quantised:
    """The weights of several products of the same rows as those of one; a scale and a zero point for each column."""
    scales, zeros = (
        np.concatenate([np.full(part[0].shape[1], part[side], dtype=part[side].dtype) for part in parts])
        for side in (1, 2)
    )
    return np.concatenate([part[0] for part in parts], axis=1), scales, zeros


def dequantised(weights: NDArray[Any], scale: NDArray[np.float32], zero: NDArray[Any]) -> NDArray[np.float32]:
    """The numbers that quantised weights stand for."""
    floats: NDArray[np.float32] = (weights.astype(np.float32) - np.asarray(zero, dtype=np.float32)) * scale
    return floats


class GraphBuilder:
    """Nodes and weights of a graph that is being made.

    `floating`: products are between floats, for a GPU; else one factor at least is whole numbers.
    """

    def __init__(self, floating: bool = False) -> None:
        self.floating = floating
        self._nodes: list[Any] = []
        self._weights: dict[str, Any] = {}

    def add(self, kind: str, inputs: Sequence[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        """A node; returns the name of its first output."""
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, outputs, outputs[0], domain=domain, **attributes))
        return outputs[0]

    def weight(self, name: str, value: NDArray[Any]) -> str:
        """A weight; one that is there already by this name is the same."""
        from onnx import numpy_helper

        if name not in self._weights:
            self._weights[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def float_product(self, rows: str, output: str, weights: Quantised, bias: str = "") -> str:
        """A product with the numbers that quantised weights stand for. `bias`: a name, or nothing."""
        product = [rows, self.weight(f"{output}.float", dequantised(*weights))]
        if not bias:
            return self.add("MatMul", product, output)
        return self.add("Add", [self.add("MatMul", product, f"{output}.product"), bias], output)

    def number(self, value: float) -> str:
        """A constant."""
        return self.weight(f"number.{value}", np.array(value, dtype=np.float32))

    def integers(self, *values: int) -> str:
        """A constant [values] of whole numbers."""
        return self.weight("integers" + "".join(f".{value}" for value in values), np.array(values, dtype=np.int64))

    def content(
        self, name: str, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], whole: Collection[str] = ()
    ) -> bytes:
        """The finished graph as bytes of an ONNX file. What goes in and out is float, but for `whole`: int64."""
        from onnx import TensorProto, helper

        def described(ends: Mapping[str, Shape]) -> list[Any]:
            return [
                helper.make_tensor_value_info(end, TensorProto.INT64 if end in whole else TensorProto.FLOAT, shape)
                for end, shape in ends.items()
            ]

        weights = list(self._weights.values())
        graph = helper.make_graph(self._nodes, name, described(inputs), described(outputs), weights)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
        return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())
