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

_QUESTION_PIECES: Final = 32
"""So much of the other party's turn is read: its end, where the question is."""
_CONTEXT_WORDS: Final = 12
"""Where a turn is read in several windows, they share so many words."""
_KNOWN_WORDS: Final = 20_000
_CLS: Final = 101
_SEP: Final = 102


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
        self._most = int(described["max_pieces"])
        self._ids_of = lru_cache(maxsize=_KNOWN_WORDS)(
            lambda word: tuple(tokenizer.encode(word, add_special_tokens=False).ids)
        )

    def tag(self, words: Sequence[str], question: str = "", first: int = 0) -> Tags:
        """Tags of `words`, which need no punctuation; those before word `first` may be left at zero.

        `question` is what the other party said last. A long turn is read in windows from its end.
        """
        kinds = np.zeros((len(words), len(self.labels)), dtype=np.float32)
        still_open = np.zeros(len(words), dtype=np.float32)
        asked = [piece for word in question.split() for piece in self._ids_of(word)][-_QUESTION_PIECES:]
        asked_shapes = _shapes(question.split())
        asked_shape_row = [
            shape for word, shape in zip(question.split(), asked_shapes, strict=True) for _ in self._ids_of(word)
        ][-_QUESTION_PIECES:]
        shapes = _shapes(words)
        pieces = [self._ids_of(word) for word in words]
        room = self._most - len(asked) - 3
        end = len(words)
        while end > first:
            start, used = end, 0
            while start > 0 and used + len(pieces[start - 1]) <= room:
                start -= 1
                used += len(pieces[start])
            if start == end:
                end -= 1
                continue
            window = self._run(asked, asked_shape_row, pieces[start:end], shapes[start:end])
            fresh = start if start == 0 else min(start + _CONTEXT_WORDS, end - 1)
            kinds[fresh:end] = window.kinds[fresh - start :]
            if end == len(words):
                still_open[fresh:end] = window.open[fresh - start :]
            end = fresh
            if start == 0:
                break
        return Tags(kinds, still_open)

    def _run(
        self,
        asked: Sequence[int],
        asked_shapes: Sequence[int],
        pieces: Sequence[Sequence[int]],
        shapes: Sequence[int],
    ) -> Tags:
        ids = [_CLS, *asked, _SEP]
        segments = [0] * len(ids)
        shape_row = [0, *asked_shapes, 0]
        places: list[int] = []
        for word, shape in zip(pieces, shapes, strict=True):
            places.append(len(ids))
            ids += word
            shape_row += [shape] * len(word)
        ids.append(_SEP)
        shape_row.append(0)
        segments += [1] * (len(ids) - len(segments))
        feed = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
            "token_type_ids": np.array([segments], dtype=np.int64),
            "shapes": np.array([shape_row], dtype=np.int64),
        }
        labels, still_open = self._session.run(["labels", "open"], feed)
        # A word without pieces (only signs the vocabulary does not have) has the next word's place: it is nothing.
        read = np.array([bool(word) for word in pieces])
        logits = np.asarray(labels[0], dtype=np.float32)[np.minimum(places, len(ids) - 1)]
        logits -= logits.max(axis=1, keepdims=True)
        likely = np.exp(logits)
        likely /= likely.sum(axis=1, keepdims=True)
        count = len(self.labels)
        kinds = (likely[:, 1 : 1 + count] + likely[:, 1 + count :]) * read[:, None]
        open_at = np.asarray(still_open[0], dtype=np.float32)[np.minimum(places, len(ids) - 1)]
        return Tags(kinds.astype(np.float32), (read / (1.0 + np.exp(-open_at))).astype(np.float32))


def _shapes(words: Sequence[str]) -> list[int]:
    """How each word is written: 0 lower case, 1 Capitalised, 2 ALL CAPS, 3 with a digit; all 0 where nothing has case."""
    if not any(char.isupper() for word in words for char in word):
        return [0] * len(words)
    return [_shape(word) for word in words]


def _shape(word: str) -> int:
    if any(char.isdigit() for char in word):
        return 3
    letters = [char for char in word if char.isalpha()]
    if len(letters) > 1 and all(char.isupper() for char in letters):
        return 2
    return 1 if letters and letters[0].isupper() else 0


@lru_cache(maxsize=1)
def shared_tagger() -> Tagger:
    """The tagger that comes with the gateway, loaded once in a process. Raises EngineError when it is missing."""
    return Tagger(Path(str(files("gateway.data"))))
