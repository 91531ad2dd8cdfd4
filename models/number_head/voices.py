"""Synthetic voices that tell when they say each word: flite as a command, espeak-ng as a library."""

from __future__ import annotations

import ctypes
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from gateway.asr.moonshine.number_head import SPEECH
from models.number_head.classes import classes_of
from models.number_head.corpus import Clip, Spoken, read_wav

FLITE_VOICES = ("slt", "rms", "awb", "kal16", "kal")
ESPEAK_VOICES = (
    "en-us+m1", "en-us+f2", "en-gb+m3", "en-gb+f4", "en-gb-scotland+m7", "en-gb-x-rp+f3", "en-029+m4", "en-us-nyc+f5",
    "en-gb-x-gbcwmd+m2", "en-us+m5", "en-gb-x-gbclan+f1", "en-us+klatt", "en-us+Andrea", "en-gb+Michael", "en-029+f2",
)  # fmt: skip


def flite_speaks(voice: str, words: list[str], stretch: float) -> Clip | None:
    """None where the phones of the words are not those of the sentence: a word was said in another way."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        labels = classes_of(words)
        text = " ".join(_written(word, label) for word, label in zip(words, labels, strict=True))
        timed = _flite("-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text, "-o", file.name)
        rate, samples = read_wav(Path(file.name))
    speaker = "kal" if voice.startswith("kal") else voice
    if set(labels) == {SPEECH}:
        whole = [Spoken(0.0, len(samples) / rate, SPEECH)]
        return Clip(f"flite.{voice}", "flite", speaker, rate, samples[:, 0], whole)
    phones = [(phone, float(end)) for phone, end in (item.rsplit(":", 1) for item in timed.split())]
    spoken: list[Spoken] = []
    index = 0
    begun = 0.0
    for word, label in zip(words, labels, strict=True):
        while index < len(phones) and phones[index][0] == "pau":
            begun, index = phones[index][1], index + 1
        own = _phones(_written(word, label).strip(","))
        said = phones[index : index + len(own)]
        if len(said) < len(own) or said[0][0][0] != own[0][0] or said[-1][0][0] != own[-1][0]:
            return None
        index += len(own)
        spoken.append(Spoken(begun, said[-1][1], label))
        begun = said[-1][1]
    if any(phone != "pau" for phone, _ in phones[index:]):
        return None
    return Clip(f"flite.{voice}", "flite", speaker, rate, samples[:, 0], spoken)


def _written(word: str, label: int) -> str:
    plain = word.strip(",")
    return word.upper() if len(plain) == 1 and plain != "i" and classes_of([plain, "b"])[0] == label else word


@cache
def _phones(word: str) -> list[str]:
    said = _flite("-voice", FLITE_VOICES[0], "-ps", "-t", word, "none").split()
    return [phone for phone in said if phone != "pau"]


def _flite(*arguments: str) -> str:
    return subprocess.run(["flite", *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library, loaded once in a process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate: int = self._library.espeak_Initialize(1, 0, None, 0)  # 1: audio comes back by calls, at once
        self._audio: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
        self._words: list[tuple[int, float]] = []
        self._callback = _CALLBACK(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, audio: object, count: int, events: object) -> int:
        if count:
            self._audio.append(np.ctypeslib.as_array(audio, shape=(count,)).astype(np.int16))
        index = 0
        while events[index].type != 0:  # type: ignore[index]
            event = events[index]  # type: ignore[index]
            if event.type == 1:
                self._words.append((event.text_position, event.audio_position / 1000))
            index += 1
        return 0

    def speak(self, voice: str, words: list[str], words_per_minute: int, pitch: int) -> Clip | None:
        """None where the library did not tell the time of every word."""
        name, _, variant = voice.partition("+")
        self._library.espeak_SetVoiceByName(f"{name}+{variant}".encode())
        self._library.espeak_SetParameter(1, words_per_minute, 0)
        self._library.espeak_SetParameter(3, pitch, 0)
        labels = classes_of(words)
        text = " ".join(_written(word, label) for word, label in zip(words, labels, strict=True))
        self._audio, self._words = [], []
        encoded = text.encode()
        self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, 1, None, None)
        self._library.espeak_Synchronize()
        starts = {match.start() + 1: index for index, match in enumerate(re.finditer(r"\S+", text))}
        times = {starts[position]: time for position, time in self._words if position in starts}
        if len(times) != len(words) or not self._audio:
            return None
        samples = np.concatenate(self._audio)
        edges = [times[index] for index in range(len(words))] + [len(samples) / self.rate]
        spoken = [Spoken(edges[index], edges[index + 1], label) for index, label in enumerate(labels)]
        return Clip(f"espeak.{voice}", "espeak", voice, self.rate, samples, spoken)
