"""Recognisers that go wrong, at module level so that a worker process can build them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.asr.base import Capabilities, Chunk, Recognizer
from gateway.asr.scripted import ScriptedRecognizer
from gateway.core.detection import Detection, Detector, Utterance
from gateway.core.hypothesis import Hypothesis
from gateway.core.settings import DetectionSettings
from gateway.errors import EngineError


def working() -> Recognizer:
    """A recogniser that hears silence."""
    return ScriptedRecognizer()


def without_a_model() -> Recognizer:
    """A recogniser whose model is not there."""
    raise EngineError("the model is missing: install it")


def dying_at_start() -> Recognizer:
    """A process that is gone before it is ready."""
    os._exit(7)


class _Raising(ScriptedRecognizer):
    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        raise ZeroDivisionError("four one one one")


class _AllergicToNoise(ScriptedRecognizer):
    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, batch=8)

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        if any(chunk.samples.any() for chunk in batch):
            raise ZeroDivisionError
        return super().recognize(batch)


def allergic_to_noise() -> Recognizer:
    """A recogniser that fails on any sound."""
    return _AllergicToNoise()


class _BoundToItsProcess(ScriptedRecognizer):
    def __init__(self) -> None:
        super().__init__()
        self._home = os.getpid()

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        if os.getpid() != self._home:
            raise EngineError("loaded in another process")
        return super().recognize(batch)


def bound_to_its_process() -> Recognizer:
    """A recogniser that works where it was loaded only, like models on a GPU."""
    return _BoundToItsProcess()


class _Breaking(ScriptedRecognizer):
    """What it can do is asked once when it is loaded, and again by each worker."""

    asked = 0

    @property
    def capabilities(self) -> Capabilities:
        self.asked += 1
        if self.asked > 1:
            raise ZeroDivisionError
        return super().capabilities


def breaking() -> Recognizer:
    """A recogniser that breaks the worker itself."""
    return _Breaking()


class _Hanging(ScriptedRecognizer):
    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        time.sleep(60)
        raise AssertionError


def raising() -> Recognizer:
    """A recogniser with a fault."""
    return _Raising()


def hanging() -> Recognizer:
    """A recogniser that does not come back."""
    return _Hanging()


class _Blind:
    def detect(self, utterance: Utterance) -> Detection:
        return Detection()


def nothing_found(settings: DetectionSettings) -> Detector:
    """A detector for which nothing is personal."""
    return _Blind()


class _Stumbling:
    def detect(self, utterance: Utterance) -> Detection:
        if utterance.tokens[0].text != "ready":
            raise ZeroDivisionError("four one one one")
        return Detection()


def stumbling(settings: DetectionSettings) -> Detector:
    """A detector with a fault, which shows when somebody speaks."""
    return _Stumbling()


def costs_nothing(recognizer: Recognizer, create_detector: Callable[[DetectionSettings], Detector]) -> float:
    """A trial that tries nothing."""
    return 0.01
