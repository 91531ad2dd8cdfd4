"""Engines by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.asr.registry import DEFAULT_ENGINE, ENGINES, create_recognizer, find_device
from gateway.errors import OptionError


def test_the_default_is_an_engine() -> None:
    assert DEFAULT_ENGINE in ENGINES


def test_an_engine_by_name() -> None:
    assert create_recognizer("scripted").capabilities.engine == "scripted"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match="'whisper'.*moonshine, pocketsphinx, scripted"):
        create_recognizer("whisper")


def test_devices() -> None:
    assert find_device("scripted", "auto") == "cpu"
    assert find_device("moonshine", "auto") == "cpu"
    assert create_recognizer("scripted", device="auto").capabilities.device == "cpu"
    with pytest.raises(OptionError, match="'scripted' runs on the processor only: choose the device cpu or auto"):
        create_recognizer("scripted", device="cuda")
    with pytest.raises(OptionError, match="'tpu': choose one of auto, cpu, cuda"):
        create_recognizer("moonshine", device="tpu")


@pytest.mark.slow
def test_the_registry_imports_no_engine() -> None:
    code = "import sys, gateway.asr.registry; sys.exit('onnxruntime' in sys.modules or 'soxr' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
