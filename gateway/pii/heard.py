"""Reads what a token sounds like where that says more than what was written.

The recogniser writes words; its number head hears digits and spelled letters, also where the words are wrong
("Dino, two uno" for "nine oh two one oh"). A sound counts in company: near it two more numbers (or letters) were
written or heard, or one when the other party asked for a number. Then its token is read as what was heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from gateway.core.detection import Token
from gateway.pii.lexicon import HOMOPHONES, LETTER_NAMES, NUMBER_WORDS, words
from gateway.pii.pieces import Piece, cut
from gateway.pii.spoken import is_letter

_DIGIT_WORDS: Final = dict(
    zip("0123456789", ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], strict=True)
)
_TWO_DIGITS: Final = "00"
"""A number word of which only that is known: teens and tens have two digits."""
_NEAR_MS: Final = 1_500
"""Two sounds further apart than this are not of one number."""
_COMMON: Final = words("to too for by won ate high fine line and that then")
"""Words of every sentence, which may sound like digits."""
_LIKE_LETTERS: Final = words(
    "are you our your why i i'm a an and in is if he she we me the of or oh okay ok yes yeah to do so be at as it its "
    "it's that this they say see may way day all on my him her his hi hey no not ma'am who how what when"
)
"""Words that sound like letters, and are said more often than those."""
_EXCLAMATIONS: Final = frozenset({"oh", "o"})
"""Zero, or just surprise: what they sound like tells."""
_REACH: Final = 3
"""Fewer words than this may stand between two numbers of one company: words that nobody said."""
_ENOUGH: Final = 3
_SOME_LETTER: Final = "x"


def cut_tokens(tokens: Sequence[Token], *, expected: bool = False) -> list[Piece]:
    """The pieces of all tokens, in order: those written, or those heard where they can be trusted.

    `expected`: the other party asked for a number, or for letters.
    """
    company = 1 if expected else 2
    written = cut([token.text for token in tokens])
    if not any(token.sounds for token in tokens):
        return written
    of_token: dict[int, list[Piece]] = {
        number: list(pieces) for number, pieces in groupby(written, key=lambda piece: piece.token)
    }
    numbers = [
        any(sound in "0123456789NM" for sound in token.sounds) or _is_number(of_token.get(at, []), loosely=True)
        for at, token in enumerate(tokens)
    ]
    letters = [
        _is_letters(own)
        or ("L" in token.sounds and (expected or not _is_common(own)) and len(token.text) <= 2 * len(token.sounds) + 2)
        for token, own in ((token, of_token.get(at, [])) for at, token in enumerate(tokens))
    ]
    spelled = expected or any(_is_letters(own) for own in of_token.values())
    pieces: list[Piece] = []
    for at, token in enumerate(tokens):
        own = of_token.get(at, [])
        alike = letters if "L" in token.sounds else numbers
        wanted = company + (not own)
        if "L" in token.sounds and not (spelled and letters[at]):
            pieces += own
        elif token.sounds and _says_more(own, token.sounds) and _company(tokens, at, alike) >= wanted:
            pieces += _heard(at, token, own)
        else:
            pieces += own
    return pieces


def _says_more(own: Sequence[Piece], sounds: str) -> bool:
    """Whether the sounds tell what the written pieces do not."""
    common = any(piece.word in _COMMON for piece in own)
    return not (_is_number(own, loosely=False) or _is_letters(own) or common)


def _company(tokens: Sequence[Token], at: int, alike: Sequence[bool]) -> int:
    """How many more numbers (or letters) there are around token `at`, its own further sounds among them."""
    found = len(tokens[at].sounds) - 1
    for step in (-1, 1):
        place, skipped = at + step, 0
        while 0 <= place < len(tokens) and tokens[place + (step < 0)].pause_ms <= _NEAR_MS and skipped < _REACH:
            skipped = 0 if alike[place] else skipped + 1
            found += alike[place]
            if found >= _ENOUGH:
                return found
            place += step
    return found


def _is_number(pieces: Sequence[Piece], *, loosely: bool) -> bool:
    return bool(pieces) and all(
        piece.figure
        or (piece.word in NUMBER_WORDS and (loosely or piece.word not in _EXCLAMATIONS))
        or (loosely and piece.word in HOMOPHONES)
        for piece in pieces
    )


def _is_common(pieces: Sequence[Piece]) -> bool:
    """Whether it is a word of every sentence, which may sound like a letter or two ("are you")."""
    return any(piece.word in _LIKE_LETTERS for piece in pieces)


def _is_letters(pieces: Sequence[Piece]) -> bool:
    return bool(pieces) and all(is_letter(piece) and piece.word not in "ai" for piece in pieces)


def _heard(number: int, token: Token, written: Sequence[Piece]) -> list[Piece]:
    """A piece for each sound, all over the whole token."""
    after = written[-1].after if written else ""
    read = [_word(sound, written) for sound in token.sounds]
    return [
        Piece(
            number,
            0,
            len(token.text),
            word,
            None if place == 0 else "",
            "",
            after if place == len(read) - 1 else "",
            False,
            False,
            word.isdecimal(),
        )
        for place, word in enumerate(read)
    ]


def _word(sound: str, written: Sequence[Piece]) -> str:
    match sound:
        case "N":
            return _TWO_DIGITS
        case "M":
            return "double"
        case "L":
            word = written[0].word if written else ""
            return LETTER_NAMES.get(word, word[:1] if word[:1].isalpha() else _SOME_LETTER)
        case _:
            return _DIGIT_WORDS[sound]
