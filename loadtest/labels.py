"""Labelled calls: the developer sets beside the checkout and the bundled sample call.

A set is a folder with `manifest.jsonl`, one clip a row, and WAV files of PCM16. The row format is that of
`gateway/data/sample_call.labels.json`. Times become whole milliseconds here.
"""

from __future__ import annotations

import json
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from gateway.core.policy import Policy

CHECKOUT = Path(__file__).resolve().parents[1]
DEVSET = CHECKOUT.parent / "shared" / "devset"
SAMPLE = CHECKOUT / "gateway" / "data" / "sample_call.labels.json"
SET_NAMES = ("digits", "calls", "real", "sample")

Samples = NDArray[np.int16]
"""PCM16, [samples, legs]."""


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
    """A recording with its labels. `split` names the group of clips that it is counted with."""

    name: str
    split: str
    path: Path
    sample_rate: int
    channels: int
    turns: tuple[LabelledTurn, ...]

    def load(self) -> Samples:
        """The recording at `sample_rate`, resampled when the file has another rate. Raises OSError, wave.Error."""
        with wave.open(str(self.path), "rb") as reader:
            if reader.getsampwidth() != 2 or reader.getnchannels() != self.channels:
                raise wave.Error(f"{self.path.name} is not PCM16 with {self.channels} channels")
            rate = reader.getframerate()
            raw = np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2").reshape(-1, self.channels)
        samples: Samples = raw.astype(np.int16)
        return samples if rate == self.sample_rate else soxr.resample(samples, rate, self.sample_rate)

    def at_rate(self, sample_rate: int) -> Clip:
        """The same clip, to be loaded at another rate."""
        return replace(self, sample_rate=sample_rate)


def load_set(name: str, devset: Path = DEVSET) -> list[Clip]:
    """All clips of a set, in the manifest's order. Raises OSError when it is not there, ValueError for odd rows."""
    if name == "sample":
        return [clip_from_row(json.loads(SAMPLE.read_text()), SAMPLE.parent, "sample")]
    if name not in SET_NAMES:
        raise ValueError(f"no set {name!r}; there are {', '.join(SET_NAMES)}")
    folder = devset / name
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines() if line.strip()]
    return [clip_from_row(row, folder, name) for row in rows]


def clip_from_file(path: Path) -> Clip:
    """A WAV file with the labels beside it (`NAME.labels.json`), or without any. Raises OSError, wave.Error."""
    labels = path.with_suffix(".labels.json")
    if labels.is_file():
        return clip_from_row(json.loads(labels.read_text()), path.parent, "files")
    with wave.open(str(path), "rb") as reader:
        return Clip(path.stem, "files", path, reader.getframerate(), reader.getnchannels(), ())


def clip_from_row(row: Mapping[str, Any], folder: Path, set_name: str) -> Clip:
    """Read one row. Digits are split by speaker, real recordings by where they come from."""
    match set_name:
        case "digits":
            split = str(row["speaker"])
        case "real":
            split = str(row["id"]).partition("_")[0]
        case _:
            split = set_name
    return Clip(
        name=str(row["id"]),
        split=split,
        path=folder / str(row["audio"]),
        sample_rate=int(row["sample_rate"]),
        channels=int(row["channels"]),
        turns=tuple(_turn(turn) for turn in row["turns"]),
    )


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
