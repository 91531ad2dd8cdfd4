"""Which device is taken, and what is said when it is not to be had."""

from __future__ import annotations

import onnxruntime as ort
import pytest

from gateway.asr.moonshine.device import CUDA_PROVIDER, Device, find_device, open_session
from gateway.asr.moonshine.graph import session_options
from gateway.asr.moonshine.graph_builder import GraphBuilder
from gateway.asr.registry import create_recognizer
from gateway.errors import EngineError

pytestmark = pytest.mark.skipif(CUDA_PROVIDER in ort.get_available_providers(), reason="onnxruntime has CUDA here")

NOT_INSTALLED = r"the installed onnxruntime has no CUDA; .*'onnxruntime-gpu\[cuda,cudnn\]' .*driver for the CUDA"


def test_without_a_gpu_the_processor_is_taken() -> None:
    assert find_device("auto") is Device.CPU
    assert find_device("cpu") is Device.CPU


def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(EngineError, match=NOT_INSTALLED):
        find_device("cuda")


@pytest.mark.model
def test_the_engine_does_not_fall_back() -> None:
    with pytest.raises(EngineError, match=NOT_INSTALLED):
        create_recognizer("moonshine", device="cuda")


@pytest.mark.slow
def test_a_provider_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process tries to open one, and cannot."""
    monkeypatch.setattr(ort, "get_available_providers", lambda: [CUDA_PROVIDER, "CPUExecutionProvider"])
    assert find_device("auto") is Device.CPU
    with pytest.raises(EngineError, match="no GPU can be opened; .*onnxruntime-gpu"):
        find_device("cuda")


def test_a_model_on_the_processor() -> None:
    graph = GraphBuilder()
    graph.add("Neg", ["a"], "b")
    session = open_session(graph.content("negation", {"a": [1]}, {"b": [1]}), session_options())
    assert session.get_providers() == ["CPUExecutionProvider"]
