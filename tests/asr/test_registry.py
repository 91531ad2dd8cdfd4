"""Engines by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.asr.registry import DEFAULT_ENGINE, ENGINES, create_recognizer
from gateway.errors import OptionError


def test_the_default_is_an_engine() -> None:
    assert DEFAULT_ENGINE in ENGINES


def test_an_engine_by_name() -> None:
    assert create_recognizer("scripted").capabilities.engine == "scripted"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match="'whisper'.*moonshine, pocketsphinx, scripted"):
        create_recognizer("whisper")


@pytest.mark.slow
def test_the_registry_imports_no_engine() -> None:
    code = "import sys, gateway.asr.registry; sys.exit('onnxruntime' in sys.modules or 'soxr' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
