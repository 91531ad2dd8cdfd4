"""The trained tagger: for each word of a turn, the probability that it belongs to a kind of personal information.

A small encoder (MiniLM, `models/tagger/README.md`) reads the other party's last turn and the speaker's words, and
answers at each word's first piece. It was trained on turns cut at any word, so its probabilities hold for a turn that
is still going on.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from tokenizers import Tokenizer

from gateway.errors import EngineError
from gateway.pii.tagger_network import Reading, TaggerNetwork, Tags

READINGS_KEPT: Final = 256
"""A leg's last words are often looked at again before it says more; what was read last is not read again."""
_CONTEXT_WORDS: Final = 12
"""Where a turn is read in several windows, they share so many words."""
_KNOWN_WORDS: Final = 20_000

_Word: TypeAlias = tuple[str, tuple[int, ...]]
"""A word and its pieces."""
_Key: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class _Window:
    """As many words of a turn as are read at once, up to its word `end`; tags are wanted from word `fresh` on."""

    asked: list[_Word]
    words: list[_Word]
    fresh: int
    end: int

    @property
    def key(self) -> _Key:
        """Windows with the same key are the same to the network."""
        return tuple(word for word, _ in self.asked), tuple(word for word, _ in self.words), self.end - self.fresh


class Tagger:
    """The network and its word pieces; shared by all detectors of a process. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds tagger.onnx, tokenizer.json and labels.json. Raises EngineError when one cannot be used."""
        try:
            described = json.loads((folder / "labels.json").read_text())
            self._network = TaggerNetwork(folder / "tagger.onnx")
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            raise EngineError(f"the tagger in {folder} cannot be loaded ({type(error).__name__})") from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.labels: tuple[str, ...] = tuple(described["labels"])
        self._longest = int(described["max_pieces"])
        self._longest_question = int(described["max_pieces_of_previous"])
        self._start, self._end, unknown = (
            int(tokenizer.token_to_id(sign) or 0) for sign in ("[CLS]", "[SEP]", "[UNK]")
        )

        @lru_cache(maxsize=_KNOWN_WORDS)
        def ids_of(word: str) -> tuple[int, ...]:
            written = word.encode("utf-8", "replace").decode("utf-8")
            return tuple(tokenizer.encode(written, add_special_tokens=False).ids) or (unknown,)

        self._ids_of = ids_of
        self._kept: OrderedDict[_Key, Tags] = OrderedDict()
        self._expected: dict[_Key, _Window] = {}

    @property
    def kept(self) -> int:
        """How many readings are remembered, READINGS_KEPT at most."""
        return len(self._kept)

    def expect(self, words: Sequence[str], question: str = "", first: int = 0) -> None:
        """Tell what `tag` will be asked soon: the next time it has to read, it reads all that is expected together."""
        for window in self._windows(words, question, first):
            key = window.key
            if key not in self._kept:
                self._expected[key] = window
        while len(self._expected) > READINGS_KEPT:
            del self._expected[next(iter(self._expected))]

    def tag(self, words: Sequence[str], question: str = "", first: int = 0) -> Tags:
        """Tags of `words`, which need no punctuation; those before word `first` may be left at zero.

        `question` is what the other party said last. A long turn is read in windows from its end. The same turn has the
        same tags, whatever it is read together with.
        """
        kinds = np.zeros((len(words), len(self.labels)), dtype=np.float32)
        still_open = np.zeros(len(words), dtype=np.float32)
        for window in self._windows(words, question, first):
            tags = self._tags_of(window)
            kinds[window.fresh : window.end] = tags.kinds
            if window.end == len(words):
                still_open[window.fresh : window.end] = tags.open
        return Tags(kinds, still_open)

    def _windows(self, words: Sequence[str], question: str, first: int) -> Iterator[_Window]:
        """What has to be read to tag the words from `first` on."""
        asked = self._last_words(question.split(), self._longest_question)
        room = self._longest - sum(len(pieces) for _, pieces in asked) - 3
        end = len(words)
        while end > first:
            window = self._last_words(words[:end], room)
            start = end - len(window)
            fresh = start if start == 0 else min(start + _CONTEXT_WORDS, end - 1)
            yield _Window(asked, window, fresh, end)
            end = fresh

    def _last_words(self, words: Sequence[str], room: int) -> list[_Word]:
        """The last words, at least one, and their pieces, of which there are no more than `room`."""
        kept: list[_Word] = []
        for word in reversed(words):
            pieces = self._ids_of(word)[:room]
            room -= len(pieces)
            if room < 0 or not pieces:
                break
            kept.append((word, pieces))
        return kept[::-1]

    def _tags_of(self, window: _Window) -> Tags:
        """The tags of the window's words from `fresh` on."""
        key = window.key
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        together = {**self._expected, key: window}
        self._expected.clear()
        tags = dict(zip(together, self._network.read([self._reading(one) for one in together.values()]), strict=True))
        self._kept.update(tags)
        while len(self._kept) > READINGS_KEPT:
            self._kept.popitem(last=False)
        return tags[key]

    def _reading(self, window: _Window) -> Reading:
        ids, shapes, firsts = [self._start], [0], []
        speaker = 0
        forms = [*_shapes([word for word, _ in window.asked]), *_shapes([word for word, _ in window.words])]
        for number, ((_, pieces), form) in enumerate(zip((*window.asked, *window.words), forms, strict=True)):
            if number == len(window.asked):
                ids.append(self._end)
                shapes.append(0)
                speaker = len(ids)
            firsts.append(len(ids))
            ids += pieces
            shapes += [form] * len(pieces)
        ids.append(self._end)
        shapes.append(0)
        return Reading(ids, shapes, speaker, firsts[window.fresh - window.end :])


def _shapes(words: Sequence[str]) -> list[int]:
    """The shape of each word; 0 for all where nothing is written with a capital."""
    cased = any(char.isupper() for word in words for char in word)
    return [_shape(word) if cased else 0 for word in words]


def _shape(word: str) -> int:
    """How a word is written: 0 in lower case, 1 with a capital, 2 in capitals, 3 with a digit."""
    if any(char.isdigit() for char in word):
        return 3
    letters = [char for char in word if char.isalpha()]
    if len(letters) > 1 and all(char.isupper() for char in letters):
        return 2
    return int(bool(letters) and letters[0].isupper())


@lru_cache(maxsize=1)
def shared_tagger() -> Tagger:
    """The tagger that comes with the gateway, loaded once in a process. Raises EngineError when it is missing."""
    return Tagger(Path(str(files("gateway") / "data")))
