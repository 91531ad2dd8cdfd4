"""PocketSphinx itself: a decoder that hears one utterance at a time, as a plain call on numpy arrays.

The only module that imports `pocketsphinx`.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.asr.pocketsphinx.language import COMMON_WORDS, NUMBER_WORDS, bigrams
from gateway.errors import EngineError

RATE: Final = 16_000
MODEL: Final = "en-us"
FRAME: Final = 160
"""Samples of one of the decoder's frames: 10 ms."""
_QUIET: Final = "FATAL"
_LOG_BASE: Final = 1.0001


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of an utterance: its frames `first` up to before `end`, and its posterior probability."""

    text: str
    first: int
    end: int
    confidence: float


class UtteranceDecoder:
    """The loaded model. An utterance is heard whole, and depends on nothing that was heard before."""

    def __init__(self) -> None:
        """Takes about a second. Raises EngineError when PocketSphinx or its model is not installed."""
        try:
            import pocketsphinx
        except ImportError:
            raise EngineError("pocketsphinx is not installed: pip install 'pocketsphinx==5.0.4'") from None
        folder = Path(pocketsphinx.get_model_path(MODEL))
        dictionary = folder / "cmudict-en-us.dict"
        trained = folder / "en-us.lm.bin"
        if not (dictionary.is_file() and trained.is_file()):
            raise EngineError("pocketsphinx has no model: pip install --force-reinstall 'pocketsphinx==5.0.4'")
        paths = {"hmm": str(folder / MODEL), "dict": str(dictionary)}
        common = _common_words(pocketsphinx, paths, trained, dictionary)
        with tempfile.NamedTemporaryFile("w", suffix=".arpa") as file:
            file.write(bigrams(common))
            file.flush()
            # cmn=batch: levels are normalised over the utterance; the default would go on from the previous one.
            self._decoder: Any = pocketsphinx.Decoder(lm=file.name, cmn="batch", loglevel=_QUIET, **paths)

    def hear(self, samples: NDArray[np.float32]) -> list[HeardWord]:
        """The words of an utterance: 16 kHz, in -1..1; at least one frame."""
        if len(samples) < FRAME:
            return []
        pcm = np.rint(samples.clip(-1.0, 1.0) * 32767).astype(np.int16)
        self._decoder.reinit_feat()  # or the end of the previous utterance would reach into this one
        self._decoder.start_utt()
        self._decoder.process_raw(pcm.tobytes(), full_utt=True)
        self._decoder.end_utt()
        words = []
        for segment in self._decoder.seg() or ():
            text = str(segment.word).partition("(")[0]
            if text.isascii() and text[:1].isalpha():
                confidence = min(1.0, max(0.0, float(segment.prob)))
                words.append(HeardWord(text, int(segment.start_frame), int(segment.end_frame) + 1, confidence))
        return words


def _common_words(pocketsphinx: Any, paths: dict[str, str], trained: Path, dictionary: Path) -> list[tuple[str, float]]:
    """The commonest words of the model's own language model that are no number words, with their probabilities."""
    base = pocketsphinx.LogMath(_LOG_BASE)
    model = pocketsphinx.NGramModel(pocketsphinx.Config(loglevel=_QUIET, **paths), base, str(trained))
    known = (line.partition(" ")[0] for line in dictionary.read_text(encoding="utf-8").splitlines())
    words = [word for word in known if word.isascii() and word[:1].isalpha() and "(" not in word]
    shares = [(word, float(base.exp(model.prob([word])))) for word in words if word not in NUMBER_WORDS]
    return sorted(shares, key=lambda pair: (-pair[1], pair[0]))[:COMMON_WORDS]
