"""Token numbers to text: the vocabulary file is a row of length-prefixed byte strings."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import EngineError

START = 1
END = 2
_WORD_START = "▁".encode()


class Tokenizer:
    """The vocabulary. A token is a byte string; one that begins a word carries the mark "▁"."""

    def __init__(self, tokens: Sequence[bytes]) -> None:
        self._text = [_plain(token) for token in tokens]
        self._begins = [token.startswith(_WORD_START) for token in tokens]

    @classmethod
    def from_file(cls, path: Path) -> Tokenizer:
        """Read `tokenizer.bin`: each entry is its length (one byte, or two from 128 on) and its bytes."""
        data = path.read_bytes()
        tokens: list[bytes] = []
        position = 0
        while position < len(data):
            length = data[position]
            position += 1
            if length >= 128:
                if position >= len(data):
                    raise EngineError("the model's vocabulary is cut short: reinstall the model's package")
                length = data[position] * 128 + length - 128
                position += 1
            if position + length > len(data):
                raise EngineError("the model's vocabulary is cut short: reinstall the model's package")
            tokens.append(data[position : position + length])
            position += length
        return cls(tokens)

    def __len__(self) -> int:
        return len(self._text)

    def begins_word(self, token: int) -> bool:
        """Whether a new word begins with this token."""
        return self._begins[token]

    def text(self, tokens: Sequence[int]) -> str:
        """The tokens' text; a byte sequence that is no UTF-8 becomes U+FFFD."""
        return b"".join(self._text[token] for token in tokens).decode("utf-8", errors="replace")


def _plain(token: bytes) -> bytes:
    if len(token) == 6 and token.startswith(b"<0x") and token.endswith(b">"):
        return bytes([int(token[3:5], 16)])
    if token.startswith(b"<") and token.endswith(b">") and len(token) > 2:
        return b""
    return token.replace(_WORD_START, b" ")


_DIGIT_NAMES = frozenset({"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"})


def number_tokens(tokenizer: Tokenizer) -> list[int]:
    """The tokens that are one digit, or the name of one."""
    texts = (tokenizer.text([token]).strip() for token in range(len(tokenizer)))
    return [
        token
        for token, text in enumerate(texts)
        if text.lower() in _DIGIT_NAMES or (len(text) == 1 and text.isascii() and text.isdigit())
    ]


_ENGLISH = frozenset(string.ascii_letters + string.digits + " .,?!:;'\"$%&@/+-")


def english_tokens(tokenizer: Tokenizer) -> list[int]:
    """The tokens that English text is made of, and the end: three quarters of a vocabulary for many languages."""
    texts = (tokenizer.text([token]) for token in range(len(tokenizer)))
    return [token for token, text in enumerate(texts) if token == END or (text and _ENGLISH.issuperset(text))]
