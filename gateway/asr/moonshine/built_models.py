"""Models that are built from the shipped ones at the first start, and kept on disk for the next."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from gateway.asr.moonshine.graph import cache_folder, session_options


def kept_on_disk(name: str, build: Callable[[], bytes]) -> Path | bytes:
    """The file `name` of the cache folder, built when it is missing; its bytes where the cache cannot be written.

    Safe when several processes do it at once: each writes a file of its own and renames it into place.
    """
    path = cache_folder() / name
    if path.is_file():
        return path
    content = build()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".part", delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError:
        return content
    return path


def as_onnx(model: Path) -> Any:
    """A model in onnxruntime's own format as an `onnx.ModelProto`, its nodes as they are."""
    import onnx

    with tempfile.TemporaryDirectory(prefix="redaction-gateway-") as folder:
        plain = Path(folder) / "model.onnx"
        options = session_options()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.add_session_config_entry("session.save_model_format", "ONNX")
        options.optimized_model_filepath = str(plain)
        ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        return onnx.load(str(plain))


@cache
def signed_products_are_exact() -> bool:
    """Whether the processor multiplies uint8 by int8 without saturation; then that is the faster kind of product.

    Where it is not (x86 without VNNI), weights have to stay uint8.
    """
    model = kept_on_disk("signed-products-v1.onnx", _signed_product)
    source = model if isinstance(model, bytes) else str(model)
    session = ort.InferenceSession(source, session_options(), providers=["CPUExecutionProvider"])
    a, b = np.full((1, 64), 255, dtype=np.uint8), np.full((64, 16), -128, dtype=np.int8)
    (found,) = session.run(None, {"a": a, "b": b})
    return bool((found == 64 * 255 * -128).all())


def _signed_product() -> bytes:
    from onnx import TensorProto, helper

    ends = [("a", TensorProto.UINT8, [1, 64]), ("b", TensorProto.INT8, [64, 16]), ("c", TensorProto.INT32, [1, 16])]
    a, b, c = (helper.make_tensor_value_info(*end) for end in ends)
    graph = helper.make_graph([helper.make_node("MatMulInteger", ["a", "b"], ["c"])], "signed product", [a, b], [c])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())
