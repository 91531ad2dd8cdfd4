"""Conversations made of labelled recordings: their turns in new order and with new pauses, the labels moved along.

A conversation is a list of pieces of recordings on a grid of milliseconds, so it costs little until it is rendered,
and can be rendered at any rate. What it holds depends on the seed alone.
"""

from __future__ import annotations

import wave
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise

import numpy as np

from gateway.errors import MediaError
from gateway.evaluation.labels import Clip, LabelledTurn, LabelledWord, Samples
from gateway.media.timeline import Span, SpanSet

LONGEST_TURN_MS = 20_000
"""Longer turns are left out: a pause has to follow in its time."""
MARGIN_MS = 150
"""So much around its words is cut out with a turn, as long as nobody else's words are there."""
BRIDGED_MS = 200
"""Words that are no further apart are one stretch of talk."""
SHORTEST_PAUSE_MS = 150
LONGEST_OVERLAP_MS = 400
"""So much of a turn the other party may talk into."""
PAUSE_SPREAD_MS = 300
SHORTEST_BED_MS, LONGEST_BED_MS = 120, 1_000
"""A stretch of room noise that is repeated in the pauses."""
TRIES = 8
"""So many turns in a row that are too long for what is left end the conversation."""


@dataclass(frozen=True, slots=True)
class Take:
    """A turn as it is cut out of a recording: `from_ms` to `to_ms` of the clip's leg `turn.leg`."""

    clip: int
    turn: LabelledTurn
    from_ms: int
    to_ms: int
    talk_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.to_ms - self.from_ms


@dataclass(frozen=True, slots=True)
class Piece:
    """`length_ms` of a conversation's leg, from `start_ms` on: a clip's leg, from `from_ms` on."""

    start_ms: int
    length_ms: int
    clip: int
    clip_leg: int
    from_ms: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """`pieces[leg]` are in order and do not overlap; between them is silence. `turns` are in order of their starts."""

    length_ms: int
    pieces: tuple[tuple[Piece, ...], ...]
    turns: tuple[LabelledTurn, ...]

    @property
    def channels(self) -> int:
        """How many legs it has."""
        return len(self.pieces)

    @property
    def talk_share(self) -> float:
        """The share of the time that a leg talks, mean of its legs; pauses of up to BRIDGED_MS are talk."""
        whole = Span(0, self.length_ms)
        return sum(talk_of(self.turns, leg, whole) for leg in range(self.channels)) / (self.length_ms * self.channels)


def talk_of(turns: Iterable[LabelledTurn], leg: int, window: Span) -> int:
    """How long words of a leg last inside a window of milliseconds, bridged as in `Conversation.talk_share`."""
    said = SpanSet(Span(word.start_ms, word.end_ms) for turn in turns if turn.leg == leg for word in turn.words)
    bridged = SpanSet(said)
    for earlier, later in pairwise(said):
        if later.start - earlier.end <= BRIDGED_MS:
            bridged.add(Span(earlier.end, later.start))
    return sum(map(len, bridged.within(window)))


class Library:
    """Labelled recordings, cut into turns; their audio is read when it is first needed, once for each rate."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        self.clips = tuple(clips)
        self.takes = tuple(tuple(_takes(number, clip, _length_ms(clip))) for number, clip in enumerate(self.clips))
        self._audio: dict[tuple[int, int], Samples] = {}
        self._beds: dict[tuple[int, int], Span] = {
            (number, leg): _bed(clip, leg) for number, clip in enumerate(self.clips) for leg in range(clip.channels)
        }
        self._voices: dict[str, dict[str, list[int]]] = {}
        for number, clip in enumerate(self.clips):
            if self.takes[number]:
                who = f"{clip.group}/{clip.speaker or clip.name}"
                self._voices.setdefault(clip.set_name, {}).setdefault(who, []).append(number)
        if not self._voices:
            raise ValueError("no recording has a labelled turn")

    def audio(self, clip: int, rate: int) -> Samples:
        """PCM16 [samples, legs] at `rate` in Hz. Raises MediaError."""
        if (clip, rate) not in self._audio:
            self._audio[clip, rate] = self.clips[clip].at_rate(rate).load()
        return self._audio[clip, rate]

    def bed(self, clip: int, leg: int) -> Span:
        """Where a leg of a clip holds nothing but its room, in milliseconds; empty when it never does."""
        return self._beds[clip, leg]

    def draw(self, random: np.random.Generator, *, single: bool = False) -> list[int]:
        """The clips of one voice, or of two that talk, in random order; `single`: of one voice.

        Every set that has such voices is as probable as the others, and so is every voice of a set. Empty without any.
        """
        sets = [
            [clips for clips in voices.values() if not single or self.clips[clips[0]].channels == 1]
            for voices in self._voices.values()
        ]
        sets = [voices for voices in sets if voices]
        if not sets:
            return []
        voices = sets[random.integers(len(sets))]
        chosen = voices[random.integers(len(voices))]
        return [chosen[number] for number in random.permutation(len(chosen))]


def compose(library: Library, channels: int, length_ms: int, talk_share: float, seed: Sequence[int]) -> Conversation:
    """A conversation in which each leg talks `talk_share` (0..1) of the time, mean of the legs, as near as it goes.

    A turn starts when so much time has passed as the talk before it needs at that share, give or take. Two parties
    take their turns as they did in the recording; they talk into each other a little where the share asks for it.
    """
    random = np.random.default_rng(list(seed))
    pieces: list[list[Piece]] = [[] for _ in range(channels)]
    turns: list[LabelledTurn] = []
    opening = int(random.integers(200, 1000))
    free = [opening] * channels
    talked, end, misses = 0, opening, 0
    last_leg: int | None = None
    for take, leg, round_number in _endless(library, channels, random):
        due = opening + talked / (channels * talk_share) + random.integers(-PAUSE_SPREAD_MS, PAUSE_SPREAD_MS + 1)
        earliest = end - LONGEST_OVERLAP_MS if last_leg not in (None, leg) else end + SHORTEST_PAUSE_MS
        start = max(round(due), earliest, free[leg] + SHORTEST_PAUSE_MS)
        if start + take.length_ms > length_ms:
            misses += 1
            if misses == TRIES:
                break
            continue
        misses = 0
        piece = Piece(start, take.length_ms, take.clip, take.turn.leg, take.from_ms)
        pieces[leg] += [
            *_bedding(library, pieces[leg][-1] if pieces[leg] else piece, _end_of(pieces[leg]), start),
            piece,
        ]
        turns.append(_moved(take, leg, start - take.from_ms, round_number))
        talked += take.talk_ms
        free[leg] = start + take.length_ms
        end, last_leg = max(end, free[leg]), leg
    for leg in range(channels):
        if pieces[leg]:
            pieces[leg] += _bedding(library, pieces[leg][-1], _end_of(pieces[leg]), length_ms)
    turns.sort(key=lambda turn: turn.words[0].start_ms)
    return Conversation(length_ms, tuple(map(tuple, pieces)), tuple(turns))


def render(library: Library, conversation: Conversation, rate: int, start_ms: int, end_ms: int) -> Samples:
    """PCM16 [samples, legs] of a stretch of a conversation; `rate` is a multiple of 1000 Hz."""
    per_ms = rate // 1000
    audio = np.zeros(((end_ms - start_ms) * per_ms, conversation.channels), dtype=np.int16)
    for leg, pieces in enumerate(conversation.pieces):
        first = max(0, bisect_right(pieces, start_ms, key=lambda piece: piece.start_ms) - 1)
        for piece in pieces[first:]:
            if piece.start_ms >= end_ms:
                break
            begin, end = max(start_ms, piece.start_ms), min(end_ms, piece.start_ms + piece.length_ms)
            if begin >= end:
                continue
            source = library.audio(piece.clip, rate)[:, piece.clip_leg]
            at = (piece.from_ms + begin - piece.start_ms) * per_ms
            part = source[at : at + (end - begin) * per_ms]
            to = (begin - start_ms) * per_ms
            audio[to : to + len(part), leg] = part
    return audio


def _length_ms(clip: Clip) -> int:
    """How long a recording is. Raises MediaError."""
    try:
        with wave.open(str(clip.path), "rb") as reader:
            return reader.getnframes() * 1000 // reader.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise MediaError(f"{clip.path}: is not a WAV file that can be read ({error})") from None


def _takes(number: int, clip: Clip, length_ms: int) -> Iterator[Take]:
    for turn in sorted((turn for turn in clip.turns if turn.words), key=lambda turn: turn.words[0].start_ms):
        first, last = turn.words[0].start_ms, turn.words[-1].end_ms
        others = [word for other in clip.turns if other.leg == turn.leg and other is not turn for word in other.words]
        if last - first > LONGEST_TURN_MS or any(word.start_ms < last and word.end_ms > first for word in others):
            continue
        before = max((word.end_ms for word in others if word.end_ms <= first), default=0)
        after = min((word.start_ms for word in others if word.start_ms >= last), default=last + MARGIN_MS)
        from_ms = max(first - MARGIN_MS, (before + first) // 2, 0)
        yield Take(
            number,
            turn,
            from_ms,
            min(last + MARGIN_MS, (last + after) // 2),
            talk_of([turn], turn.leg, Span(first, last)),
        )


def _bed(clip: Clip, leg: int) -> Span:
    said = [word for turn in clip.turns if turn.leg == leg for word in turn.words]
    if not said:
        return Span(0, 0)
    kept_off = SpanSet(Span(max(0, word.start_ms - MARGIN_MS), word.end_ms + MARGIN_MS) for word in said)
    quiet = max(kept_off.gaps(Span(0, max(word.end_ms for word in said))), key=len, default=Span(0, 0))
    bed = Span(quiet.start, min(quiet.end, quiet.start + LONGEST_BED_MS))
    return bed if len(bed) >= SHORTEST_BED_MS else Span(0, 0)


def _bedding(library: Library, of: Piece, from_ms: int, until_ms: int) -> Iterator[Piece]:
    """The room that a piece was recorded in, for a stretch of a leg."""
    bed = library.bed(of.clip, of.clip_leg)
    at = from_ms
    while bed and at < until_ms:
        length = min(len(bed), until_ms - at)
        yield Piece(at, length, of.clip, of.clip_leg, bed.start)
        at += length


def _end_of(pieces: Sequence[Piece]) -> int:
    return pieces[-1].start_ms + pieces[-1].length_ms if pieces else 0


def _endless(library: Library, channels: int, random: np.random.Generator) -> Iterator[tuple[Take, int, int]]:
    """Turns of one voice a leg, again and again: each clip's in order, the leg, and how many clips came before.

    Voices and rooms stay for the whole call: the noise of a louder room would not be heard as silence.
    """
    voices = [library.draw(random)]
    if channels == 2 and library.clips[voices[0][0]].channels == 1:
        voices.append(library.draw(random, single=True))
    only = int(random.choice(sorted({take.turn.leg for take in library.takes[voices[0][0]]})))
    for number in count():
        voice = voices[number % len(voices)]
        for take in library.takes[voice[number // len(voices) % len(voice)]]:
            if channels == 2:
                yield take, number % 2 if len(voices) == 2 else take.turn.leg, number
            elif take.turn.leg == only:
                yield take, 0, number


def _moved(take: Take, leg: int, by_ms: int, number: int) -> LabelledTurn:
    """The turn at its new place. Groups are renamed: the same number said again is another one."""
    words = tuple(LabelledWord(w.text, w.start_ms + by_ms, w.end_ms + by_ms) for w in take.turn.words)
    spans = tuple(
        span if span.group is None else replace(span, group=f"{number}/{span.group}") for span in take.turn.spans
    )
    return LabelledTurn(leg, take.turn.speaker, words, spans)
