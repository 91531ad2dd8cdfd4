"""Labelled recordings: folders with `manifest.jsonl`, one clip a row, and WAV files of PCM16.

A row holds `id, audio, sample_rate, channels, turns[]`, and if wanted `speaker` and `group`. A turn has `channel`
(0 is the left one), `speaker`, `words[]` (`w`, `start`, `end` in seconds) and `spans[]` (`type`, a policy;
`word_start`, `word_end`, exclusive; `text`; if wanted `optional`, `also`, `group`).
`gateway/data/sample_call.labels.json` is such a row. Times become whole milliseconds here.
"""

from __future__ import annotations

import hashlib
import json
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from gateway.core.policy import Policy
from gateway.errors import MediaError, OptionError

MANIFEST = "manifest.jsonl"
LABELS_SUFFIX = ".labels.json"

Samples = NDArray[np.int16]
"""PCM16, [samples, legs]."""


class Half(StrEnum):
    """A set in two: `a` is the half that thresholds, rules and lists are made on, `b` the one held out."""

    A = "a"
    B = "b"

    @classmethod
    def of(cls, key: str) -> Half:
        """The half of a speaker, of a clip without a named one, or of a text: by a hash that never changes."""
        return cls.B if hashlib.sha256(key.encode()).digest()[0] % 2 else cls.A


@dataclass(frozen=True, slots=True)
class LabelledWord:
    """A word as it was said."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class LabelledSpan:
    """Personal information in `words[first:end]` of its turn.

    `also`: other policies that rightly cover it too. `optional`: neither rewarded nor punished. `group`: pieces of one
    number that somebody talked into carry the same name.
    """

    policy: Policy
    text: str
    first: int
    end: int
    also: frozenset[Policy] = frozenset()
    optional: bool = False
    group: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """What one party said at a time; `leg` 0 is the left channel."""

    leg: int
    speaker: str
    words: tuple[LabelledWord, ...]
    spans: tuple[LabelledSpan, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording with its labels.

    `group` names the kind of clips that it is counted with, `speaker` who is heard ("" when that is not told).
    `recorded_rate` is the file's, `sample_rate` the one that `load` answers in, both in Hz.
    """

    name: str
    set_name: str
    group: str
    speaker: str
    path: Path
    recorded_rate: int
    sample_rate: int
    channels: int
    turns: tuple[LabelledTurn, ...]

    @property
    def half(self) -> Half:
        """All clips of a speaker are in the same half."""
        return Half.of(self.speaker or self.name)

    def load(self) -> Samples:
        """The recording at `sample_rate`. Raises MediaError when the file is not what the labels say."""
        try:
            with wave.open(str(self.path), "rb") as reader:
                width, channels, rate = reader.getsampwidth(), reader.getnchannels(), reader.getframerate()
                if (width, channels) != (2, self.channels):
                    raise MediaError(
                        f"{self.path}: is WAV with {channels} channels of {8 * width} bits; "
                        f"its labels ask for {self.channels} of 16 bits"
                    )
                if rate != self.recorded_rate:
                    raise MediaError(f"{self.path}: has {rate} samples a second; its labels say {self.recorded_rate}")
                raw = np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2").reshape(-1, self.channels)
        except FileNotFoundError:
            raise MediaError(f"{self.path}: there is no such file, but its labels name it") from None
        except (OSError, EOFError, wave.Error) as error:
            raise MediaError(f"{self.path}: is not a WAV file that can be read ({error})") from None
        samples: Samples = raw.astype(np.int16)
        return samples if rate == self.sample_rate else soxr.resample(samples, rate, self.sample_rate)

    def at_rate(self, sample_rate: int) -> Clip:
        """The same clip, to be loaded at another rate."""
        return replace(self, sample_rate=sample_rate)


def read_clips(path: Path, prefix: str = "", rate: int | None = None) -> list[Clip]:
    """The clips of a set, of every set in a folder, or of one `NAME.labels.json`, in the manifests' order.

    `prefix`: only those whose name begins so. `rate`: to be loaded at this rate, in Hz.
    Raises MediaError for what is missing or odd, OptionError when no name begins with `prefix`.
    """
    if path.name.endswith(LABELS_SUFFIX):
        clips = [clip_from_file(path.with_name(path.name.removesuffix(LABELS_SUFFIX) + ".wav"))]
    else:
        folders = (
            [path] if (path / MANIFEST).is_file() else sorted(found.parent for found in path.glob(f"*/{MANIFEST}"))
        )
        if not folders:
            raise MediaError(
                f"{path}: is no labelled set: neither it nor a folder in it has a {MANIFEST} (docs/evaluation.md)"
            )
        clips = [clip for folder in folders for clip in _clips_of(folder)]
    chosen = [clip for clip in clips if clip.name.startswith(prefix)]
    if not chosen:
        raise OptionError(f"--clip: no clip of {path} begins with {prefix!r}; the first is {clips[0].name!r}")
    if missing := [clip for clip in chosen if not clip.path.is_file()]:
        raise MediaError(f"{missing[0].path}: there is no such file ({len(missing)} of {len(chosen)} clips have none)")
    return chosen if rate is None else [clip.at_rate(rate) for clip in chosen]


def holds_clips(path: Path) -> bool:
    """Whether `read_clips` would find any."""
    return path.name.endswith(LABELS_SUFFIX) or bool(_folders(path))


def clip_from_file(path: Path) -> Clip:
    """A WAV file with the labels beside it (`NAME.labels.json`), or without any. Raises MediaError."""
    labels = path.with_suffix(LABELS_SUFFIX)
    if labels.is_file():
        return clip_from_row(_parsed(labels.read_text(encoding="utf-8"), str(labels)), path.parent, path.stem)
    try:
        with wave.open(str(path), "rb") as reader:
            rate, channels = reader.getframerate(), reader.getnchannels()
    except (OSError, EOFError, wave.Error) as error:
        raise MediaError(f"{path}: is not a WAV file that can be read ({error})") from None
    return Clip(path.stem, path.stem, path.stem, "", path, rate, rate, channels, ())


def clip_from_row(row: Mapping[str, Any], folder: Path, set_name: str) -> Clip:
    """Read one row. Raises MediaError."""
    name = str(row.get("id", "?"))
    try:
        rate = int(row["sample_rate"])
        return Clip(
            name=name,
            set_name=set_name,
            group=str(row.get("group") or set_name),
            speaker=str(row.get("speaker") or ""),
            path=folder / str(row["audio"]),
            recorded_rate=rate,
            sample_rate=rate,
            channels=int(row["channels"]),
            turns=tuple(_turn(turn) for turn in row["turns"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        problem = f"has no {error}" if isinstance(error, KeyError) else str(error)
        raise MediaError(f"{folder}: the labels of the clip {name!r} are odd: {problem}") from None


def _folders(path: Path) -> list[Path]:
    """The set itself, or those in it."""
    return [path] if (path / MANIFEST).is_file() else sorted(found.parent for found in path.glob(f"*/{MANIFEST}"))


def _clips_of(folder: Path) -> list[Clip]:
    manifest = folder / MANIFEST
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MediaError(f"{manifest}: cannot be read ({error})") from None
    rows = [_parsed(line, f"{manifest}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise MediaError(f"{manifest}: is empty")
    return [clip_from_row(row, folder, folder.name) for row in rows]


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise MediaError(f"{where}: is not a JSON object")
    return row


def _turn(row: Mapping[str, Any]) -> LabelledTurn:
    words = tuple(LabelledWord(w["w"], round(w["start"] * 1000), round(w["end"] * 1000)) for w in row["words"])
    spans = tuple(_span(span, words) for span in row["spans"])
    return LabelledTurn(int(row["channel"]), str(row["speaker"]), words, spans)


def _span(row: Mapping[str, Any], words: Sequence[LabelledWord]) -> LabelledSpan:
    first, end = int(row["word_start"]), int(row["word_end"])
    if not 0 <= first < end <= len(words):
        raise ValueError(f"a span of words {first}..{end} in a turn of {len(words)}")
    return LabelledSpan(
        policy=Policy(row["type"]),
        text=str(row["text"]),
        first=first,
        end=end,
        also=frozenset(Policy(name) for name in row.get("also", ())),
        optional=bool(row.get("optional", False)),
        group=row.get("group"),
    )
