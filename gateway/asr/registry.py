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
DEVICES = ("auto", "cpu", "cuda")
_ON_GPU = ("moonshine",)
"""Engines that can run on a GPU."""


def create_recognizer(name: str = DEFAULT_ENGINE, number_head: Path | None = None, device: str = "cpu") -> Recognizer:
    """Load an engine. Raises OptionError for an unknown name, EngineError when its model or device is not to be had.

    `number_head`: other weights for the number head of the engine that has one; an engine without refuses them.
    `device`: one of DEVICES; `find_device` says what "auto" becomes.
    """
    if name not in _CLASSES:
        raise OptionError(f"unknown engine {name!r}: choose one of {', '.join(ENGINES)}")
    check_device(name, device)
    module, class_name = _CLASSES[name]
    engine = getattr(import_module(module), class_name)
    if number_head is not None and name != DEFAULT_ENGINE:
        raise OptionError(f"the engine {name!r} has no number head")
    options: dict[str, Path | str] = {} if number_head is None else {"number_head": number_head}
    if name in _ON_GPU:
        options["device"] = find_device(name, device) if device == "auto" else device
    recognizer: Recognizer = engine(**options)
    return recognizer


def check_device(name: str, device: str) -> None:
    """Raises OptionError for a device that does not exist, or that the engine `name` cannot use."""
    if device not in DEVICES:
        raise OptionError(f"unknown device {device!r}: choose one of {', '.join(DEVICES)}")
    if device == "cuda" and name not in _ON_GPU:
        raise OptionError(f"the engine {name!r} runs on the processor only: choose the device cpu or auto")


def find_device(name: str, wanted: str) -> str:
    """Where the engine `name` would run, "cpu" or "cuda". "auto": on a GPU if one can be opened.

    Raises OptionError as `check_device`, and EngineError, which says what to install, when "cuda" is not to be had.
    """
    check_device(name, wanted)
    if name not in _ON_GPU:
        return "cpu"
    device: str = import_module("gateway.asr.moonshine.device").find_device(wanted).value
    return device
