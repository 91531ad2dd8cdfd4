"""What the head tells apart, and which word is what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.asr.moonshine.number_head import CLASSES, SPEECH

IGNORED = -1
"""The class of frames of which nothing is known: they are not learned from and not judged."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion"
_ORDINALS = (
    "fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth thirtieth"
)
_UNCLEAR = ("third", "fourth", "first", "second", "ones", "niner")

NUMBER_WORDS = frozenset((*DIGITS, *_TEENS.split(), *_TENS.split(), *_ORDINALS.split(), "double", "triple"))

_BY_WORD: dict[str, int] = {
    **{word: CLASSES.index(str(digit)) for digit, word in enumerate(DIGITS)},
    **dict.fromkeys([*_TEENS.split(), *_TENS.split(), *_ORDINALS.split()], CLASSES.index("N")),
    "double": CLASSES.index("M"),
    "triple": CLASSES.index("M"),
    "treble": CLASSES.index("M"),
    **dict.fromkeys(_UNCLEAR, IGNORED),
}
_LETTER = CLASSES.index("L")
_ZERO = CLASSES.index("0")


def classes_of(words: Sequence[str]) -> list[int]:
    """The class of each word of a turn. "oh" is a zero beside another number; "a" and "i" are letters in spelling."""
    plain = [re.sub(r"[^a-z']", "", word.lower()) for word in words]
    return [_class_of(plain, index) for index in range(len(plain))]


def _class_of(plain: Sequence[str], index: int) -> int:
    word = plain[index]
    beside = [plain[other] for other in (index - 1, index + 1) if 0 <= other < len(plain)]
    if word in _BY_WORD:
        return _BY_WORD[word]
    if word == "zed":
        return _LETTER
    if word in ("oh", "o") and any(other in NUMBER_WORDS or other in ("oh", "o") for other in beside):
        spelled = [other for other in beside if len(other) == 1 and other != "o"]
        return _LETTER if word == "o" and spelled else _ZERO
    if word in ("a", "i"):
        return _LETTER if any(len(other) == 1 and other not in ("a", "i") for other in beside) else _lone(plain)
    return _LETTER if len(word) == 1 else SPEECH


def _lone(plain: Sequence[str]) -> int:
    """An "a" or "i" with no letter beside it: a letter where all the turn is spelling."""
    return _LETTER if all(len(word) == 1 for word in plain) else SPEECH
