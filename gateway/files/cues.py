"""Cutting what the legs said into pieces that can be read as subtitles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from gateway.files.result import RedactedLeg, RedactedWord

MAX_CHARS: Final = 76
"""Two lines of a subtitle, less a speaker's name."""
MAX_MS: Final = 6000
_PAUSE_MS: Final = 700
"""A silence this long ends a cue."""
_SENTENCE_CHARS: Final = 30
"""A sentence that ends after this many characters ends the cue."""
_SHORTEST_MS: Final = 1000
"""A cue stays at least this long, if the leg's next one does not come sooner."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A few words of one leg, shown together. `text` is on one line."""

    leg: int
    start_ms: int
    end_ms: int
    text: str


def cues_of(legs: Iterable[RedactedLeg]) -> list[Cue]:
    """The cues of all legs in order of their start. Those of one leg do not overlap; every word is in exactly one."""
    return sorted((cue for leg in legs for cue in _cues_of_leg(leg)), key=lambda cue: (cue.start_ms, cue.leg))


def _cues_of_leg(leg: RedactedLeg) -> list[Cue]:
    groups: list[list[RedactedWord]] = []
    for word in leg.words:
        if not groups or _ends_before(groups[-1], word):
            groups.append([])
        groups[-1].append(word)
    cues = [Cue(leg.leg, group[0].start_ms, group[-1].end_ms, _text(group)) for group in groups]
    for at, cue in enumerate(cues):
        longest = cues[at + 1].start_ms if at + 1 < len(cues) else cue.start_ms + _SHORTEST_MS
        cues[at] = replace(cue, end_ms=max(cue.end_ms, min(cue.start_ms + _SHORTEST_MS, longest)))
    return cues


def _ends_before(group: list[RedactedWord], word: RedactedWord) -> bool:
    text = _text(group)
    return (
        word.start_ms - group[-1].end_ms >= _PAUSE_MS
        or word.end_ms - group[0].start_ms > MAX_MS
        or len(text) + 1 + len(word.text) > MAX_CHARS
        or (len(text) >= _SENTENCE_CHARS and text.endswith((".", "?", "!")))
    )


def _text(group: list[RedactedWord]) -> str:
    return " ".join(" ".join(word.text.split()) for word in group)
