"""The number head's sounds laid over the decoder's words: each word learns what it sounds like.

A sound belongs to the word it mostly overlaps. A number that was heard where the decoder wrote nothing makes a word of
its own, UNWRITTEN. Everything counts in units of the audio window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.asr.moonshine.number_head import Sound
from gateway.asr.moonshine.window import AudioWindow
from gateway.asr.moonshine.words import plain

UNWRITTEN = "…"
"""The text of a word that was heard and not written."""

NEAR_UNITS = 15
"""A written number this close (120 ms) to the sound of the same number is that sound, misplaced."""
SHORTEST_UNITS = 8
"""What is left of a sound between words (64 ms), to be a word of its own."""

_NAMES = {
    "0": ("zero", "oh", "o"), "1": ("one",), "2": ("two",), "3": ("three",), "4": ("four",), "5": ("five",),
    "6": ("six",), "7": ("seven",), "8": ("eight",), "9": ("nine",),
    "M": ("double", "triple", "treble"), "N": (), "L": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word of the window: the end of its tokens; its text; when, in units; what it sounds like."""

    end: int
    text: str
    start_at: int
    end_at: int
    confidence: float
    sounds: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound of the number head, in units."""

    label: str
    start_at: int
    end_at: int
    confidence: float


def heard_after(position: int, sounds: Sequence[Sound], audio: AudioWindow) -> list[Heard]:
    """The sounds that lie for the greater part after `position`, on the window's timeline; none begins before it."""
    found: list[Heard] = []
    for sound in sounds:
        start, end = audio.start_of(sound.first), audio.end_of(sound.end)
        if start + end >= 2 * position and end > max(start, position):
            found.append(Heard(sound.label, max(start, position), end, sound.confidence))
    return found


def lay_sounds(words: Sequence[Spoken], sounds: Sequence[Heard], first: int) -> list[Spoken]:
    """The words with their sounds, grown into the gaps as far as those reach, and the unwritten words, in order.

    `first`: the end of the tokens before the first word. Words and sounds come in order and do not overlap their own.
    """
    owned: list[list[Heard]] = [[] for _ in words]
    items: list[tuple[Spoken, list[Heard]]] = list(zip(words, owned, strict=True))
    for sound in sounds:
        owner = _owner(sound, words)
        if owner is None:
            start, end = _free(sound, words)
            if end - start >= SHORTEST_UNITS:
                before = [word.end for word in words if word.start_at < start]
                alone = Spoken(before[-1] if before else first, UNWRITTEN, start, end, sound.confidence, sound.label)
                items.append((alone, []))
                continue
            owner = max(range(len(words)), key=lambda index: _overlap(sound, words[index]), default=None)
        if owner is not None:
            owned[owner].append(sound)
    items.sort(key=lambda item: item[0].start_at)
    return _grown(items)


def _owner(sound: Heard, words: Sequence[Spoken]) -> int | None:
    """The index of the word the sound belongs to; None when it lies for the most part between words."""
    overlaps = [_overlap(sound, word) for word in words]
    best = max(range(len(words)), key=overlaps.__getitem__, default=None)
    if best is not None and 3 * overlaps[best] >= sound.end_at - sound.start_at:
        return best
    for index, word in enumerate(words):
        distance = max(word.start_at - sound.end_at, sound.start_at - word.end_at)
        if distance < NEAR_UNITS and _names(word.text, sound.label):
            return index
    return None


def _overlap(sound: Heard, word: Spoken) -> int:
    return max(0, min(sound.end_at, word.end_at) - max(sound.start_at, word.start_at))


def _names(text: str, label: str) -> bool:
    """Whether the text is the number that the label stands for."""
    written = plain(text)
    return written in _NAMES[label] or (label.isdigit() and label == written)


def _free(sound: Heard, words: Sequence[Spoken]) -> tuple[int, int]:
    """The longest part of the sound that lies in no word."""
    best = (sound.start_at, sound.start_at)
    position = sound.start_at
    for start, end in [*((word.start_at, word.end_at) for word in words), (sound.end_at, sound.end_at)]:
        until = min(start, sound.end_at)
        if until - position > best[1] - best[0]:
            best = position, until
        position = max(position, end)
    return best


def _grown(items: Sequence[tuple[Spoken, list[Heard]]]) -> list[Spoken]:
    """Each word with the names of its sounds, as long as they are where nothing else lies."""
    laid: list[Spoken] = []
    for index, (word, sounds) in enumerate(items):
        if not sounds:
            laid.append(word)
            continue
        floor = laid[-1].end_at if laid else min(sounds[0].start_at, word.start_at)
        ceiling = items[index + 1][0].start_at if index + 1 < len(items) else max(sounds[-1].end_at, word.end_at)
        start = min(word.start_at, max(floor, sounds[0].start_at))
        end = max(word.end_at, min(ceiling, sounds[-1].end_at))
        laid.append(
            replace(word, start_at=start, end_at=end, sounds=word.sounds + "".join(sound.label for sound in sounds))
        )
    return laid
