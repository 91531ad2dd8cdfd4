"""Engines by name. An engine's libraries are imported when it is created, in the process that runs it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from gateway.asr.base import Recognizer
from gateway.errors import OptionError

_CLASSES = {
    "moonshine": ("gateway.asr.moonshine.recognizer", "MoonshineRecognizer"),
    "pocketsphinx": ("gateway.asr.pocketsphinx.recognizer", "PocketSphinxRecognizer"),
    "scripted": ("gateway.asr.scripted", "ScriptedRecognizer"),
}
ENGINES = tuple(_CLASSES)
DEFAULT_ENGINE = "moonshine"


def create_recognizer(name: str = DEFAULT_ENGINE, number_head: Path | None = None) -> Recognizer:
    """Load an engine. Raises OptionError for an unknown name, EngineError when its model is not to be had.

    `number_head`: other weights for the number head of the engine that has one; an engine without refuses them.
    """
    if name not in _CLASSES:
        raise OptionError(f"unknown engine {name!r}: choose one of {', '.join(ENGINES)}")
    module, class_name = _CLASSES[name]
    engine = getattr(import_module(module), class_name)
    if number_head is not None and name != DEFAULT_ENGINE:
        raise OptionError(f"the engine {name!r} has no number head")
    recognizer: Recognizer = engine() if number_head is None else engine(number_head=number_head)
    return recognizer
