"""The trained tagger: for each word of a turn, the probability that it belongs to a kind of personal information.

A small encoder (MiniLM, `models/tagger/README.md`) reads the other party's last turn and the speaker's words, and
answers at each word's first piece. It was trained on turns cut at any word, so its probabilities hold for a turn that
is still going on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.errors import EngineError

Probabilities: TypeAlias = NDArray[np.float32]

_CONTEXT_WORDS: Final = 12
"""Where a turn is read in several windows, they share so many words."""
_KNOWN_WORDS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Tags:
    """What the words of a turn may be.

    `kinds`: [words, labels], the probability that a word belongs to an entity of a label. `open`: [words], that the
    word's entity goes on after the last word.
    """

    kinds: Probabilities
    open: Probabilities


class Tagger:
    """The network and its word pieces; shared by all detectors of a process. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds tagger.onnx, tokenizer.json and labels.json. Raises EngineError when one cannot be used."""
        try:
            described = json.loads((folder / "labels.json").read_text())
            options = ort.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            self._session = ort.InferenceSession(
                str(folder / "tagger.onnx"), options, providers=["CPUExecutionProvider"]
            )
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

    def tag(self, words: Sequence[str], question: str = "", first: int = 0) -> Tags:
        """Tags of `words`, which need no punctuation; those before word `first` may be left at zero.

        `question` is what the other party said last. A long turn is read in windows from its end.
        """
        kinds = np.zeros((len(words), len(self.labels)), dtype=np.float32)
        still_open = np.zeros(len(words), dtype=np.float32)
        asked = self._last_words(question.split(), self._longest_question)
        room = self._longest - sum(len(pieces) for _, pieces in asked) - 3
        end = len(words)
        while end > first:
            window = self._last_words(words[:end], room)
            start = end - len(window)
            tags = self._read(asked, window)
            fresh = start if start == 0 else min(start + _CONTEXT_WORDS, end - 1)
            kinds[fresh:end] = tags.kinds[fresh - start :]
            if end == len(words):
                still_open[fresh:end] = tags.open[fresh - start :]
            end = fresh
        return Tags(kinds, still_open)

    def _last_words(self, words: Sequence[str], room: int) -> list[tuple[str, tuple[int, ...]]]:
        """The last words, at least one, and their pieces, of which there are no more than `room`."""
        kept: list[tuple[str, tuple[int, ...]]] = []
        for word in reversed(words):
            pieces = self._ids_of(word)[:room]
            room -= len(pieces)
            if room < 0 or not pieces:
                break
            kept.append((word, pieces))
        return kept[::-1]

    def _read(self, asked: Sequence[tuple[str, tuple[int, ...]]], words: Sequence[tuple[str, tuple[int, ...]]]) -> Tags:
        ids, shapes = [self._start], [0]
        places: list[int] = []
        forms = [*_shapes([word for word, _ in asked]), *_shapes([word for word, _ in words])]
        for (_, pieces), form in zip((*asked, *words), forms, strict=True):
            if len(places) == len(asked):
                ids.append(self._end)
                shapes.append(0)
            places.append(len(ids))
            ids += pieces
            shapes += [form] * len(pieces)
        ids.append(self._end)
        shapes.append(0)
        places = places[len(asked) :]
        feed = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
            "token_type_ids": (np.arange(len(ids), dtype=np.int64) >= places[0]).astype(np.int64)[None],
            "shapes": np.array([shapes], dtype=np.int64),
        }
        labels, still_open = self._session.run(["labels", "open"], feed)
        logits = np.asarray(labels[0], dtype=np.float32)[places]
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        count = len(self.labels)
        open_at = np.asarray(still_open[0], dtype=np.float32)[places]
        return Tags(
            likely[:, 1 : 1 + count] + likely[:, 1 + count :], (1.0 / (1.0 + np.exp(-open_at))).astype(np.float32)
        )


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
