"""PocketSphinx as an engine: of another kind than the default one, so it makes other mistakes.

Made for hearing redacted audio again: it understands numbers better than other words, and tells an utterance's words
only when the speaker paused, which is too late for most live calls.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.asr.base import Capabilities, Chunk
from gateway.asr.pocketsphinx.engine import MODEL, UtteranceDecoder
from gateway.asr.pocketsphinx.stream import PocketSphinxStream
from gateway.asr.rates import check_rate
from gateway.core.hypothesis import Hypothesis


class PocketSphinxRecognizer:
    """English numbers and common words. Raises EngineError when PocketSphinx is not installed."""

    def __init__(self) -> None:
        self._decoder = UtteranceDecoder()

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""
        return Capabilities(engine="pocketsphinx", model=MODEL, language="en", batch=1)

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> PocketSphinxStream:
        """Start a leg. Raises OptionError for a rate that `check_rate` refuses. Words are stable after a pause only."""
        check_rate(sample_rate)
        return PocketSphinxStream(sample_rate, self._decoder.hear)

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        """One step for each chunk. Raises ValueError for a foreign or ended stream, or two chunks of one stream."""
        if len({id(chunk.stream) for chunk in batch}) < len(batch):
            raise ValueError("a batch holds at most one chunk of a stream")
        answers = []
        for chunk in batch:
            if not isinstance(chunk.stream, PocketSphinxStream):
                raise ValueError("the stream was opened by another engine")
            answers.append(chunk.stream.hear(chunk.samples, chunk.final))
        return answers
