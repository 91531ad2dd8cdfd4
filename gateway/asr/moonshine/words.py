"""Tokens to words. A written number falls apart at its hyphens, so that each group has its own times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.asr.moonshine.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class TokenRun:
    """Tokens `first` up to before `end` that make one word, and its text."""

    first: int
    end: int
    text: str


def word_runs(tokens: Sequence[int], tokenizer: Tokenizer) -> list[TokenRun]:
    """The words of a token sequence, in order; tokens that write nothing belong to the word before them."""
    runs: list[TokenRun] = []
    first = 0
    for end in range(1, len(tokens) + 1):
        if end < len(tokens) and not _splits(tokens, end, tokenizer):
            continue
        text = tokenizer.text(tokens[first:end]).strip()
        if text and " " not in text:
            runs.append(TokenRun(first, end, text))
        elif text:
            runs.append(TokenRun(first, end, "".join(text.split())))
        elif runs:
            runs[-1] = TokenRun(runs[-1].first, end, runs[-1].text)
        else:
            continue
        first = end
    return runs


def _splits(tokens: Sequence[int], index: int, tokenizer: Tokenizer) -> bool:
    """Whether a word begins at `index`: at the vocabulary's mark, or after the hyphen of a written number."""
    if tokenizer.begins_word(tokens[index]):
        return True
    before = tokenizer.text(tokens[max(0, index - 2) : index])
    return before[-1:] == "-" and before[-2:-1].isdigit() and tokenizer.text([tokens[index]])[:1].isdigit()


def split_spelled(run: TokenRun, index: int, tokens: Sequence[int], tokenizer: Tokenizer) -> list[TokenRun]:
    """Cut a word said digit by digit or letter by letter before token `index`; other words stay whole."""
    parts = [
        TokenRun(first, end, tokenizer.text(tokens[first:end]).strip())
        for first, end in ((run.first, index), (index, run.end))
        if first < end
    ]
    single = sum(len(plain(tokenizer.text([token]))) == 1 for token in tokens[run.first : run.end])
    spelled = 2 * single >= len(plain(run.text)) > 1
    return parts if spelled and len(parts) == 2 and all(plain(part.text) for part in parts) else [run]


def plain(text: str) -> str:
    """A word's letters and digits, in lower case."""
    return "".join(character for character in text.lower() if character.isalnum())
