"""Where the models run: the processor, or a GPU when onnxruntime and the machine have one to offer."""

from __future__ import annotations

import subprocess
import sys
from contextlib import redirect_stdout, suppress
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import EPFail, Fail, RuntimeException

from gateway.asr.moonshine.graph import session_options
from gateway.asr.moonshine.graph_builder import GraphBuilder
from gateway.errors import EngineError

CUDA_PROVIDER = "CUDAExecutionProvider"
CPU_PROVIDER = "CPUExecutionProvider"
INSTALL = (
    "install it with: pip uninstall onnxruntime, then pip install 'onnxruntime-gpu[cuda,cudnn]' in its place, and an "
    "NVIDIA driver for the CUDA it is built with, 12 or newer (docs/gpu.md); or choose the device cpu"
)
_REFUSED = "the device cuda is not to be had"
_NO_CUDA = "the installed onnxruntime has no CUDA"
_NO_GPU = "no GPU can be opened"
_FAILURES = (RuntimeError, EPFail, Fail, RuntimeException)
"""What onnxruntime raises when a device does not do what it should."""
_PROBE_S = 60.0
_QUIET = 4
"""Only what ends the process is logged: what does not open is told in our words."""


class Device(StrEnum):
    """Where graphs run."""

    CPU = "cpu"
    CUDA = "cuda"


def find_device(wanted: str) -> Device:
    """`wanted`: "auto", "cpu" or "cuda". A GPU is tried in another process: one that has opened it cannot be forked.

    Raises EngineError, which says what to install, when "cuda" is wanted and not to be had.
    """
    if wanted == Device.CPU:
        return Device.CPU
    offered = CUDA_PROVIDER in ort.get_available_providers()
    if offered and _opens_elsewhere():
        return Device.CUDA
    if wanted == Device.CUDA:
        raise EngineError(f"{_REFUSED}: {_NO_GPU if offered else _NO_CUDA}; {INSTALL}")
    return Device.CPU


def open_session(model: Path | bytes, options: ort.SessionOptions, device: Device = Device.CPU) -> ort.InferenceSession:
    """A model on a device. Raises EngineError when the GPU cannot be opened: there is no quiet way back."""
    source = model if isinstance(model, bytes) else str(model)
    if device is Device.CPU:
        return ort.InferenceSession(source, options, providers=[CPU_PROVIDER])
    if CUDA_PROVIDER not in ort.get_available_providers():
        raise EngineError(f"{_REFUSED}: {_NO_CUDA}; {INSTALL}")
    _load_libraries()
    # Products in all of float's digits, as on a processor.
    providers: list[Any] = [(CUDA_PROVIDER, {"use_tf32": "0"}), CPU_PROVIDER]
    try:
        session = ort.InferenceSession(source, options, providers=providers, enable_fallback=0)
        opened = CUDA_PROVIDER in session.get_providers()
    except _FAILURES:
        opened = False
    if not opened:
        raise EngineError(f"{_REFUSED}: {_NO_GPU}; {INSTALL}")
    return session


@cache
def _load_libraries() -> None:
    """Load those of CUDA and cuDNN that came as packages; those of the system are found without."""
    preload = getattr(ort, "preload_dlls", None)
    if preload is not None:
        with redirect_stdout(sys.stderr):
            preload()


def _opens_elsewhere() -> bool:
    # By what it says and not by its exit code: a process that ignores SIGCHLD never learns of that.
    with suppress(OSError, subprocess.TimeoutExpired):
        probe = subprocess.run(
            [sys.executable, "-m", __name__], capture_output=True, text=True, timeout=_PROBE_S, check=False
        )
        return probe.stdout.endswith(f"{Device.CUDA}\n")
    return False


def _probe() -> Device:
    """A product on the GPU, if there is one."""
    graph = GraphBuilder()
    weight = graph.weight("b", np.ones((4, 4), dtype=np.float32))
    graph.add("MatMul", ["a", weight], "c")
    options = session_options()
    options.log_severity_level = _QUIET
    try:
        session = open_session(graph.content("probe", {"a": [1, 4]}, {"c": [1, 4]}), options, Device.CUDA)
        session.run(None, {"a": np.ones((1, 4), dtype=np.float32)})
    except (EngineError, *_FAILURES):
        return Device.CPU
    return Device.CUDA


if __name__ == "__main__":
    sys.stdout.write(f"{_probe()}\n")
