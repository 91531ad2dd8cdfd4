"""Cuts tokens into pieces: words, figures and single letters, each knowing its token and its characters in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PIECE = re.compile(r"\d+(?:st|nd|rd|th)(?![^\W_])|\d+|(?:^['’])?[^\W\d_]+(?:['’][^\W\d_]+)*", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """`text[start:end]` of token number `token`.

    `word` is lower case with plain apostrophes and ASCII digits. `before` is what stands between it and the previous
    piece of the same token (None when it is the token's first piece); `lead` what stands before the first piece;
    `after` what follows up to the next piece or the end of the token. `upper`: two or more letters, all capitals.
    """

    token: int
    start: int
    end: int
    word: str
    before: str | None
    lead: str
    after: str
    capital: bool
    upper: bool
    figure: bool

    @property
    def ends_sentence(self) -> bool:
        """Whether a full stop, question or exclamation mark follows (not the point of a single letter)."""
        return self.after != "" and self.after[0] in ".?!" and not (len(self.word) == 1 and self.after[0] == ".")


def cut(texts: Sequence[str]) -> list[Piece]:
    """All pieces of all tokens, in order. A token without a letter or digit has none."""
    pieces: list[Piece] = []
    for number, text in enumerate(texts):
        if text.isascii() and text.isalpha():
            upper = len(text) > 1 and text.isupper()
            pieces.append(Piece(number, 0, len(text), text.lower(), None, "", "", text[0].isupper(), upper, False))
            continue
        previous: Piece | None = None
        for match in _PIECE.finditer(text):
            start, end = match.span()
            raw = match.group()
            figure = raw[0].isdecimal()
            word = raw.lower().replace("’", "'")
            if figure and not raw.isascii():
                word = "".join(str(int(char)) if char.isdecimal() else char for char in word)
            capital = raw[0].isupper()
            upper = capital and len(raw) > 1 and raw.isupper()
            if previous is None:
                piece = Piece(number, start, end, word, None, text[:start], "", capital, upper, figure)
            else:
                previous.after = text[previous.end : start]
                piece = Piece(number, start, end, word, previous.after, "", "", capital, upper, figure)
            pieces.append(piece)
            previous = piece
        if previous is not None:
            previous.after = text[previous.end :]
    return pieces
