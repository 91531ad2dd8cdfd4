"""Comparing words however they are written: "Seven," and "7", "Carter." and "carter"."""

from __future__ import annotations

import re

UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

# What the figures of a number word look like inside a longer run of figures ("forty" in "1942").
_FIGURES = {word: str(value) for value, word in enumerate(UNITS)}
_FIGURES |= {"oh": "0", "o": "0"}
_FIGURES |= {word: str(value) for value, word in enumerate(TEENS, 10)}
_FIGURES |= {word: f"{value}[0-9]" for value, word in enumerate(TENS, 2)}

_TENS = frozenset(TENS)

_PIECE = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_POLICY_MARK = re.compile(r"\[[A-Z_]+\]")


def pieces(text: str) -> list[str]:
    """The letters and figures of a text, lower case, without masks: "Carter's-42" gives "carter's", "42"."""
    return [piece.lower() for piece in _PIECE.findall(_POLICY_MARK.sub(" ", text))]


def is_masked(text: str) -> bool:
    """Whether a caption word, or part of it, is masked."""
    return "#" in text or _POLICY_MARK.search(text) is not None


def is_number_word(text: str) -> bool:
    """Whether a word is a spoken digit, teen or ten, or holds figures. A spelled "O" is a letter."""
    return any((piece in _FIGURES and piece != "o") or any(ch.isdigit() for ch in piece) for piece in pieces(text))


def digits_of(text: str) -> str:
    """The figures that a spoken or written word stands for: "seven" gives "7", "forty" "4", "1942" "1942"."""
    return "".join(
        _FIGURES[piece][0] if piece in _TENS else _FIGURES.get(piece, _written(piece)) for piece in pieces(text)
    )


def _written(piece: str) -> str:
    return "".join(ch for ch in piece if ch.isdigit())


def shows(text: str, said: str) -> bool:
    """Whether `text` lets a reader read the word `said`: as a word of its own, within a longer one, or in figures."""
    shown = pieces(text)
    for wanted in pieces(said):
        if wanted in shown:
            return True
        if len(wanted) >= 4 and wanted not in _FIGURES and any(wanted in piece for piece in shown):
            return True
        figures = _FIGURES.get(wanted)
        if figures is not None and any(re.search(figures, piece) for piece in shown if piece[0].isdigit()):
            return True
        if wanted.isdigit() and any(_FIGURES.get(piece) == wanted for piece in shown):
            return True
    return False
