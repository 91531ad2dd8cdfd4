"""Turns examples into the model's inputs. The gateway's runtime must do the same; `labels.json` says the lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from models.tagger.words import Example, targets

LONGEST = 96
LONGEST_PREVIOUS = 32
IGNORE = -100


def shapes_of(words: Sequence[str]) -> list[int]:
    """The shape of every word; 0 for all of them where no word has a capital."""
    cased = any(one.isupper() for word in words for one in word)
    return [shape(word) if cased else 0 for word in words]


def shape(word: str) -> int:
    """0 lower case or no letters, 1 begins with a capital, 2 capitals only (two letters or more), 3 holds a digit."""
    if any(one.isdigit() for one in word):
        return 3
    letters = [one for one in word if one.isalpha()]
    if len(letters) > 1 and all(one.isupper() for one in letters):
        return 2
    return int(bool(letters) and letters[0].isupper())


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example's inputs, and for every piece the label and openness to learn (IGNORE where there is none)."""

    ids: list[int]
    segments: list[int]
    shapes: list[int]
    labels: list[int]
    opens: list[int]
    firsts: list[int]
    """The place of each kept word's first piece; the kept words are the last ones."""


class Encoder:
    """Encodes word by word with the base's vocabulary."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._start = self._tokenizer.token_to_id("[CLS]")
        self._end = self._tokenizer.token_to_id("[SEP]")
        self._unknown = self._tokenizer.token_to_id("[UNK]")
        self._memory: dict[str, list[int]] = {}

    @property
    def vocabulary(self) -> int:
        """How many word pieces there are."""
        return self._tokenizer.get_vocab_size()

    def pieces(self, word: str) -> list[int]:
        """The word pieces of one word, never none."""
        found = self._memory.get(word)
        if found is None:
            found = self._tokenizer.encode(word, add_special_tokens=False).ids or [self._unknown]
            self._memory[word] = found
        return found

    def _last(self, words: Sequence[str], room: int) -> list[list[int]]:
        kept: list[list[int]] = []
        for word in reversed(words):
            pieces = self.pieces(word)[:room]
            if len(pieces) > room - sum(len(one) for one in kept):
                break
            kept.append(pieces)
        return kept[::-1]

    def __call__(self, example: Example) -> Encoded:
        previous = self._last(example.previous, LONGEST_PREVIOUS)
        ids, shapes = [self._start], [0]
        asked = shapes_of(example.previous)
        for form, pieces in zip(asked[len(asked) - len(previous) :], previous, strict=True):
            ids += pieces
            shapes += [form] * len(pieces)
        ids.append(self._end)
        shapes.append(0)
        segments = [0] * len(ids)
        kept = self._last([word.text for word in example.words], LONGEST - len(ids) - 1)
        skipped = len(example.words) - len(kept)
        labels, opens, firsts = [IGNORE] * len(ids), [IGNORE] * len(ids), []
        wanted = targets(example.words)[skipped:]
        forms = shapes_of([word.text for word in example.words])[skipped:]
        for word, form, pieces, target in zip(example.words[skipped:], forms, kept, wanted, strict=True):
            firsts.append(len(ids))
            ids += pieces
            shapes += [form] * len(pieces)
            rest = [IGNORE] * (len(pieces) - 1)
            labels += [target if word.known else IGNORE, *rest]
            opens += [int(word.span >= 0 and word.span in example.open), *rest]
        ids.append(self._end)
        shapes.append(0)
        labels.append(IGNORE)
        opens.append(IGNORE)
        segments += [1] * (len(ids) - len(segments))
        return Encoded(ids, segments, shapes, labels, opens, firsts)


def fed(one: Encoded) -> dict[str, np.ndarray]:
    """The network's inputs for one turn, with the kept words asked."""
    count = len(one.ids)
    places = np.arange(count, dtype=np.int64)
    return {
        "input_ids": np.array(one.ids, dtype=np.int64),
        "token_type_ids": np.array(one.segments, dtype=np.int64),
        "shapes": np.array(one.shapes, dtype=np.int64),
        "positions": places,
        "row_places": places,
        "places": places[None],
        "lengths": np.array([count], dtype=np.int32),
        "asked": np.array(one.firsts, dtype=np.int64),
    }
