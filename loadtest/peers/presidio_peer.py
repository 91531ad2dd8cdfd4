"""Presidio's analyzer as a peer: `presidio_peer.py [SPACY_MODEL]`.

Without a model there is an English pipeline that only splits words: the pattern recognisers with their context words
work, and what needs a model for named entities (persons, places, groups, dates in words) is not found.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import spacy
import tldextract
from peer_protocol import answer
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer
from spacy.language import Language
from spacy.tokens import Doc


@Language.component("words_as_lemmas")
def words_as_lemmas(doc: Doc) -> Doc:
    """Presidio looks for its context words among lemmas; a blank pipeline makes none."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


class WordsOnly(SpacyNlpEngine):
    """A pipeline without a model."""

    def load(self) -> None:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("words_as_lemmas")
        self.nlp = {"en": pipeline}


def main() -> None:
    # The list of domain endings that comes with the package is used; none is downloaded.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    if len(sys.argv) > 1:
        shipped = NlpEngineProvider().nlp_configuration
        models = [{"lang_code": "en", "model_name": sys.argv[1]}]
        engine = NlpEngineProvider(nlp_configuration={**shipped, "models": models}).create_engine()
        about = f"spaCy model {Path(sys.argv[1]).name}"
    else:
        engine = WordsOnly()
        engine.load()
        about = "pattern recognisers only, no spaCy model"
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    from_model = {"PERSON", "LOCATION", "NRP", "DATE_TIME"} if len(sys.argv) > 1 else set()
    patterns = [entry for entry in analyzer.registry.recognizers if not isinstance(entry, SpacyRecognizer)]
    kinds = from_model.union(*(entry.supported_entities for entry in patterns))

    def detect(text: str, previous: str) -> list[tuple[int, int, str, float]]:
        results = analyzer.analyze(text, language="en", context=previous.lower().split() or None)
        return [(result.start, result.end, result.entity_type, result.score) for result in results]

    answer("Presidio", version("presidio-analyzer"), about, kinds, detect)


if __name__ == "__main__":
    main()
