"""What PocketSphinx is told to expect: common words of its own language model, and numbers, above all after numbers.

The language model that comes with PocketSphinx takes spoken digits for words that are likelier in newspapers, and is
ten times slower. This one has the commonest words as they are, and one number word leads to the next. Letters are not
in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10
from typing import Final

DIGITS: Final = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9",
}  # fmt: skip
"""Words that are one digit."""
NUMBERS: Final = frozenset(
    [
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
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
    ]
)
"""Words that are more than one digit."""
REPEATS: Final = frozenset({"double", "triple"})
NUMBER_WORDS: Final = (*DIGITS, *sorted(NUMBERS | REPEATS))

COMMON_WORDS: Final = 1_000
"""So many other words are expected."""
NUMBER_SHARE: Final = 0.3
"""The probability that a word is a number word ..."""
NUMBER_GOES_ON: Final = 0.8
"""... and that one follows a number word."""
_END: Final = 0.05


def sounds_of(word: str) -> str:
    """The number a word is, as `Word.sounds` tells it; "" for other words."""
    return DIGITS.get(word) or ("N" if word in NUMBERS else "M" if word in REPEATS else "")


def bigrams(common: Sequence[tuple[str, float]]) -> str:
    """A language model in the ARPA format. `common`: other words, with their probabilities (of any sum)."""
    rest = 1.0 - _END
    total = sum(probability for _, probability in common)
    number = NUMBER_SHARE * rest / len(NUMBER_WORDS)
    backoff = (1.0 - NUMBER_GOES_ON) / (1.0 - NUMBER_SHARE * rest)
    single = ["-99 <s> 0", f"{log10(_END):.4f} </s> 0"]
    single += [f"{log10(number):.4f} {word} {log10(backoff):.4f}" for word in NUMBER_WORDS]
    single += [f"{log10(share / total * (1.0 - NUMBER_SHARE) * rest):.4f} {word} 0" for word, share in common]
    after = f"{log10(NUMBER_GOES_ON / len(NUMBER_WORDS)):.4f}"
    pairs = [f"{after} {first} {second}" for first in NUMBER_WORDS for second in NUMBER_WORDS]
    sections = (*_section(1, single), *_section(2, pairs))
    return "\n".join(["\\data\\", f"ngram 1={len(single)}", f"ngram 2={len(pairs)}", "", *sections, "\\end\\", ""])


def _section(length: int, lines: Iterable[str]) -> list[str]:
    return [f"\\{length}-grams:", *lines, ""]
