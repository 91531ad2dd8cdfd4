"""The decoder's graph, edited so that it tells its cross-attention, and kept on disk for the next start.

The model as shipped gives logits and caches only. The attention weights over the encoder's frames are inside both
branches of its one `If` node; here they become outputs of the branches and of the graph.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import onnxruntime as ort
import platformdirs

from gateway.asr.moonshine.assets import MODEL, ModelFiles
from gateway.errors import EngineError

CACHE_VARIABLE = "REDACTION_GATEWAY_CACHE"
EDIT_VERSION = 1
LAYERS = 6
ATTENTION = tuple(f"cross_attention.{layer}" for layer in range(LAYERS))


def session_options() -> ort.SessionOptions:
    """One thread, no spinning: many sessions and processes share the machine."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def cache_folder() -> Path:
    """The folder named by REDACTION_GATEWAY_CACHE, or the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("redaction-gateway", appauthor=False)


def edited_decoder(files: ModelFiles) -> Path | bytes:
    """The edited decoder: its path in the cache, or its bytes where the cache cannot be written.

    Safe when several processes do it at once: each writes a file of its own and renames it into place.
    """
    path = cache_folder() / f"moonshine-{MODEL}-decoder-{files.digest()}-v{EDIT_VERSION}.onnx"
    if path.is_file():
        return path
    content = _edit(files)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".part", delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError:
        return content
    return path


def _edit(files: ModelFiles) -> bytes:
    import onnx

    with tempfile.TemporaryDirectory(prefix="redaction-gateway-") as folder:
        plain = Path(folder) / "decoder.onnx"
        options = session_options()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.add_session_config_entry("session.save_model_format", "ONNX")
        options.optimized_model_filepath = str(plain)
        ort.InferenceSession(str(files.decoder), options, providers=["CPUExecutionProvider"])
        model = onnx.load(str(plain))
    model.graph.name = model.graph.name or "decoder"
    branch = next((node for node in model.graph.node if node.op_type == "If"), None)
    if branch is None:
        raise EngineError("the speech model's decoder is of an unknown kind: install moonshine-voice==0.1.0")
    shape: list[str | int | None] = ["batch_size", 8, "decoder_sequence_length", "encoder_frames"]
    for attribute in branch.attribute:
        attribute.g.name = attribute.g.name or attribute.name
        produced = {name for node in attribute.g.node for name in node.output}
        for layer, name in enumerate(ATTENTION):
            source = f"/model/decoder/layers.{layer}/encoder_attn/Softmax_output_0"
            if source not in produced:
                raise EngineError("the speech model's decoder holds no cross-attention: install moonshine-voice==0.1.0")
            inner = f"{attribute.name}.{name}"
            attribute.g.node.append(onnx.helper.make_node("Identity", [source], [inner], name=inner))
            attribute.g.output.append(onnx.helper.make_tensor_value_info(inner, onnx.TensorProto.FLOAT, shape))
    for name in ATTENTION:
        branch.output.append(name)
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
    content = model.SerializeToString()
    assert isinstance(content, bytes)
    return content
