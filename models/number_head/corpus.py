"""The recordings the head learns from: the labelled devset, and the Asterisk prompts as Debian packages them."""

from __future__ import annotations

import gzip
import json
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.number_head import SPEECH
from models.number_head.classes import DIGITS, IGNORED, NUMBER_WORDS, classes_of

ASTERISK = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
ASTERISK_TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of one class, in seconds."""

    start: float
    end: float
    label: int


@dataclass(frozen=True, slots=True)
class Clip:
    """One voice in one recording. `slack`: seconds by which the times of words may be off."""

    name: str
    source: str
    speaker: str
    rate: int
    samples: NDArray[np.int16]
    words: list[Spoken] = field(default_factory=list)
    slack: float = 0.015


def read_wav(path: Path) -> tuple[int, NDArray[np.int16]]:
    """The rate and the samples, [frames, channels]."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return file.getframerate(), samples.reshape(-1, file.getnchannels())


def devset_clips(devset: Path) -> Iterator[Clip]:
    """Every channel of every clip of the sets real, digits and calls."""
    for name in ("real", "digits", "calls"):
        for line in (devset / name / "manifest.jsonl").read_text().splitlines():
            yield from _channels(json.loads(line), devset / name)


def _channels(row: dict[str, object], folder: Path) -> Iterator[Clip]:
    turns = row["turns"]
    assert isinstance(turns, list)
    rate, samples = read_wav(folder / str(row["audio"]))
    for channel in range(samples.shape[1]):
        words: list[Spoken] = []
        for turn in (turn for turn in turns if turn["channel"] == channel):
            labels = classes_of([word["w"] for word in turn["words"]])
            if "uniform" in str(turn.get("alignment", "")):  # the times of single words are guessed
                numbers = any(label != SPEECH for label in labels)
                words.append(Spoken(turn["start"] - 0.2, turn["end"] + 0.2, IGNORED if numbers else SPEECH))
                continue
            words += [
                Spoken(word["start"], word["end"], label) for word, label in zip(turn["words"], labels, strict=True)
            ]
        source, speaker = _who(row, channel)
        exact = source in ("calls", "prompts", "fsdd")
        yield Clip(
            f"{row['id']}.{channel}", source, speaker, rate, samples[:, channel], words, 0.015 if exact else 0.03
        )


def _who(row: dict[str, object], channel: int) -> tuple[str, str]:
    group = str(row.get("group", "calls"))
    if group == "calls":
        synth = row["synth"]
        assert isinstance(synth, dict)
        voice = str(synth[("agent_voice", "caller_voice")[channel]]).split(":")[1]
        return "calls", "kal" if voice.startswith("kal") else voice
    if row["channels"] == 2 and channel == 0:
        return "prompts", "synthetic"
    if group == "conversation":
        return "conversation", str(row["id"])
    return ("fsdd" if group == "fsdd" else "an4"), str(row["speaker"])


def asterisk_prompts() -> Iterator[Clip]:
    """One professional speaker: prompts without numbers, and her digits, numbers and letters."""
    texts = gzip.decompress(ASTERISK_TEXTS.read_bytes()).decode(errors="replace")
    for line in texts.splitlines():
        name, _, text = line.partition(":")
        path = ASTERISK / f"{name.strip()}.wav"
        words = re.findall(r"[A-Za-z']+", text)
        if not path.is_file() or not words or re.search(r"[\d\[]", text):
            continue
        if NUMBER_WORDS & {word.lower() for word in words} or name.split("/")[0] in ("letters", "digits"):
            continue
        rate, samples = read_wav(path)
        spoken = [Spoken(0.0, len(samples) / rate, SPEECH)]
        yield Clip(f"asterisk.{name}", "asterisk", "allison", rate, samples[:, 0], spoken)


def asterisk_pieces() -> list[Clip]:
    """The same speaker's single digits, numbers and letters, each a clip of one word."""
    named = {str(digit): word for digit, word in enumerate(DIGITS)}
    named |= {"oh": "zero", "10": "ten", "11": "eleven", "12": "twelve", "hundred": "hundred", "thousand": "thousand"}
    named |= dict.fromkeys(map(str, range(13, 20)), "nineteen")
    named |= dict.fromkeys(map(str, range(20, 100, 10)), "ninety")
    pieces = [(ASTERISK / "digits" / f"{name}.wav", classes_of([word])[0]) for name, word in named.items()]
    letters = sorted((ASTERISK / "letters").glob("?.wav"))
    pieces += [(path, classes_of(["z"])[0]) for path in letters]
    clips = []
    for path, label in pieces:
        rate, samples = read_wav(path)
        audio = trimmed(samples[:, 0])
        clips.append(Clip(path.stem, "asterisk", "allison", rate, audio, [Spoken(0.0, len(audio) / rate, label)]))
    return clips


def digit_pieces(clip: Clip) -> list[Clip]:
    """The single digits of a clip in which they were joined, each a clip of one word."""
    return [
        Clip(
            clip.name,
            clip.source,
            clip.speaker,
            clip.rate,
            clip.samples[int(word.start * clip.rate) : int(word.end * clip.rate)],
            [Spoken(0.0, word.end - word.start, word.label)],
        )
        for word in clip.words
        if word.label not in (SPEECH, IGNORED)
    ]


def joined(pieces: list[Clip], count: int, random: np.random.Generator) -> Clip:
    """`count` pieces of one speaker in random order, 20 to 350 ms apart."""
    chosen = [pieces[index] for index in random.integers(len(pieces), size=count)]
    rate = chosen[0].rate
    audio = [np.zeros(int(0.3 * rate), dtype=np.int16)]
    words: list[Spoken] = []
    position = len(audio[0])
    for piece in chosen:
        gap = np.zeros(int(random.uniform(0.02, 0.35) * rate), dtype=np.int16)
        words.append(Spoken(position / rate, (position + len(piece.samples)) / rate, piece.words[0].label))
        audio += [piece.samples, gap]
        position += len(piece.samples) + len(gap)
    return Clip(f"{chosen[0].speaker}.joined", chosen[0].source, chosen[0].speaker, rate, np.concatenate(audio), words)


def trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Without the quiet edges."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > np.abs(samples.astype(np.int32)).max() * 0.03)
    return samples[loud[0] : loud[-1] + 1]
