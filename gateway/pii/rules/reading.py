"""What every rule looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.policy import Policy
from gateway.pii.context import Dialog
from gateway.pii.pieces import Piece
from gateway.pii.spoken import Number

SETTLED_AFTER_MS = 500
"""Words that nobody asked for are not continued after such a pause."""


@dataclass(slots=True)
class Hit:
    """`pieces[first:end]` are of one of `policies`, the likeliest first. `rule` names what found them."""

    first: int
    end: int
    policies: tuple[Policy, ...]
    confidence: float
    rule: str


def is_cased(pieces: Sequence[Piece]) -> bool:
    """Whether capitals say something: some word has one, and not only "I"."""
    return any(piece.capital and piece.word not in ("i", "i'm", "i'll", "i'd", "i've") for piece in pieces)


@dataclass(slots=True)
class Reading:
    """An utterance, read.

    `cased`: capitals tell names from words. `taken`: pieces of numbers that are part of a date, an amount or a time.
    `complete`: the speaker will not go on. `silence_ms`: how long he has been silent. `wanted`: the policies asked for.
    """

    pieces: Sequence[Piece]
    numbers: Sequence[Number]
    dialog: Dialog
    cased: bool
    complete: bool
    silence_ms: int = 0
    taken: set[int] = field(default_factory=set)
    number_at: dict[int, Number] = field(default_factory=dict)
    wanted: frozenset[Policy] = frozenset(Policy)

    @property
    def settled(self) -> bool:
        """Whether what was said last stands for itself: the speaker has finished, or paused as after a sentence."""
        return self.complete or self.silence_ms >= SETTLED_AFTER_MS

    def word(self, place: int) -> str:
        """The word of piece `place`, "" outside."""
        return self.pieces[place].word if 0 <= place < len(self.pieces) else ""

    def starts_turn(self, place: int) -> bool:
        """Whether the speaker starts to talk at `place`, after nothing or after the other party."""
        return place == 0 or place in self.dialog.barriers

    def ends_phrase(self, end: int) -> bool:
        """Whether punctuation, the other party or the end follows piece `end - 1`."""
        return (
            end >= len(self.pieces)
            or end in self.dialog.barriers
            or self.pieces[end - 1].after[:1] in (",", ".", "?", "!", ";")
        )


@dataclass(slots=True)
class Found:
    """What a rule found, and the first piece that may still become a part of something it looks for.

    `rule` names what found it.
    """

    hits: list[Hit] = field(default_factory=list)
    open_from: int | None = None
    rule: str = ""

    def by(self, rule: str) -> Found:
        """The same, with the name of the rule."""
        self.rule = rule
        return self

    def leave_open(self, place: int) -> None:
        """Say that from piece `place` on more may come."""
        if self.open_from is None or place < self.open_from:
            self.open_from = place
