"""Reads the public corpora; where one labels only some kinds, words that may be of another kind are unknown.

Kept out of training: presidio_synth_v2, wikigold, sgd (share-alike), half of slurp, a tenth of evi's speakers.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from models.tagger.wordlists import read_list
from models.tagger.words import LABELS, Example, Word, from_spans

_KINDS = {
    "diseases": "medical_condition",
    "drugs": "drug",
    "procedures": "medical_process",
    "injuries_np": "injury",
    "religions": "religion",
    "faiths": "religion",
    "languages": "language",
    "nationalities": "nationality",
    "events": "event",
    "occupations": "occupation",
    "politics": "political_affiliation",
    "parties": "political_affiliation",
    "companies": "organization",
    "cities": "location",
    "us_states": "location",
    "countries": "location",
    "places": "location",
}
_EDGES = re.compile(r"^[^\w]+|[^\w]+$")
_COMMON_AT_LEAST = 8


@lru_cache(maxsize=200_000)
def bare(word: str) -> str:
    """A word in lower case without its punctuation and possessive."""
    return _EDGES.sub("", word.lower()).removesuffix("'s")


class Doubt:
    """Knows what a word list holds: phrases of the lists, and names that are hardly ever other words."""

    def __init__(self, names: Path) -> None:
        self._phrases: dict[tuple[str, ...], str] = {}
        for name, label in _KINDS.items():
            for entry in read_list(name):
                self._phrases.setdefault(tuple(bare(word) for word in entry.split()), label)
        lengths: dict[str, set[int]] = defaultdict(set)
        for phrase in self._phrases:
            lengths[phrase[0]].add(len(phrase))
        self._lengths = {word: sorted(found, reverse=True) for word, found in lengths.items()}
        self._names = {
            line.strip().lower()
            for file in ("first_names.txt", "surnames.txt")
            for line in (names / file).read_text().splitlines()
        }

    def phrases(self, words: tuple[Word, ...]) -> Iterator[tuple[int, int, str]]:
        """Phrases of the lists in `words`, the longest first: start, end and label."""
        plain = [bare(word.text) for word in words]
        at = 0
        while at < len(plain):
            for length in self._lengths.get(plain[at], ()):
                label = self._phrases.get(tuple(plain[at : at + length])) if at + length <= len(plain) else None
                if label is not None:
                    yield at, at + length, label
                    at += length
                    break
            else:
                at += 1

    def hidden(self, words: tuple[Word, ...], trusted: frozenset[str]) -> tuple[Word, ...]:
        """`words` with those unlabelled ones made unknown that a list holds for a label the corpus does not give."""
        result = list(words)
        for first, last, label in self.phrases(words):
            if label not in trusted:
                for index in range(first, last):
                    if result[index].label is None:
                        result[index] = replace(result[index], known=False)
        if "person_name" not in trusted:
            for index, word in enumerate(result):
                if word.label is None and bare(word.text) in self._names:
                    result[index] = replace(word, known=False)
        return tuple(result)


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open() as file:
        for line in file:
            yield json.loads(line)


def part_of(key: str, parts: int) -> int:
    """A number below `parts` that only depends on `key`."""
    return zlib.crc32(key.encode()) % parts


def _odd_number(word: Word) -> Word:
    """A figure without a label is unknown: these corpora leave numbers out."""
    return replace(word, known=False) if word.label is None and any(one.isdigit() for one in word.text) else word


def _tidy(words: Iterable[Word]) -> tuple[Word, ...]:
    """Tokenised text joined again: punctuation goes to the word before it, mentions, links and hash signs go."""
    result: list[Word] = []
    for word in words:
        if word.text.startswith(("@", "http")) or word.text in (
            "RT",
            "#",
            "``",
            "''",
            '"',
            "(",
            ")",
            "-",
            "_",
            "|",
            "*",
            "~",
        ):
            continue
        if result and re.fullmatch(r"[.,!?;:]+|'s|n't|'[a-z]+", word.text):
            last = result[-1]
            result[-1] = replace(last, text=last.text + word.text[:3])
        else:
            result.append(word)
    return tuple(result)


_TITLES = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "doctor",
        "sir",
        "lady",
        "lord",
        "king",
        "queen",
        "prince",
        "princess",
        "president",
        "senator",
        "saint",
        "pope",
        "judge",
        "captain",
    )
)


def _untitled(words: tuple[Word, ...]) -> Iterator[Word]:
    """Titles at the head of a name are no part of it."""
    for index, word in enumerate(words):
        heads = index == 0 or words[index - 1].span != word.span
        title = heads and word.label == "person_name" and bare(word.text) in _TITLES
        yield replace(word, label=None, span=-1) if title else word


NER = frozenset({"person_name", "location", "organization"})
NUMERIC = frozenset({"date", "date_of_birth", "person_age", "money_amount", "email_address", "number_sequence"})
_AS_NUMBER = {
    "phone_number",
    "credit_card_number",
    "banking_information",
    "us_social_security_number",
    "drivers_license",
}


class Corpora:
    """The corpora below `folder`; `names` is the folder of the gateway's own name lists."""

    def __init__(self, folder: Path, names: Path) -> None:
        self._folder = folder
        self.doubt = Doubt(names)
        counts = Counter(
            bare(word)
            for name in ("clinc_unlabelled", "banking77_unlabelled", "taskmaster4_coffee_unlabelled")
            for row in _rows(folder / f"{name}.jsonl")
            for word in str(row["t"]).split()
        )
        self.common = {word for word, count in counts.items() if count >= _COMMON_AT_LEAST}

    def _spans(self, row: dict[str, object]) -> list[tuple[int, int, str]]:
        spans: list[tuple[int, int, str]] = []
        for start, end, label in row.get("s", []):  # type: ignore[attr-defined]
            label = "number_sequence" if label in _AS_NUMBER else label
            if label in LABELS:
                spans.append((start, end, label))
        return spans

    def entities(self, name: str) -> Iterator[Example]:
        """wnut17, btc and wikigold: names, places and organisations are all labelled."""
        for row in _rows(self._folder / f"{name}.jsonl"):
            words = tuple(_untitled(_tidy(from_spans(str(row["t"]), self._spans(row)))))
            if 3 <= len(words) <= 60:
                words = tuple(_odd_number(word) for word in words)
                yield Example((), self.doubt.hidden(words, NER), name)

    def evi(self, held_out: bool) -> Iterator[Example]:
        """Telephone answers as a real recogniser wrote them; every tenth speaker is held out."""
        for row in _rows(self._folder / "evi_en.jsonl"):
            if (part_of(str(row["spk"]), 10) == 0) is held_out:
                text = str(row["t"])
                words = from_spans(text, self._spans(row))
                if words:
                    yield Example(tuple(str(row["p"]).split()), words, "evi")

    def slurp(self, held_out: bool) -> Iterator[Example]:
        """Spoken commands; half of them are held out."""
        for row in _rows(self._folder / "slurp_devel_test.jsonl"):
            text = str(row["t"])
            if (part_of(text, 2) == 0) is held_out:
                words = tuple(_odd_number(word) for word in from_spans(text, self._spans(row)))
                yield Example((), self.doubt.hidden(words, frozenset({"person_name"})), "slurp")

    def polyai(self) -> Iterator[Example]:
        """Booking and banking requests: names are labelled, dates include relative ones and so are unknown."""
        for row in _rows(self._folder / "polyai_spans.jsonl"):
            words = []
            for word in from_spans(str(row["t"]), self._spans(row)):
                loose = word.label in ("date", "money_amount")
                words.append(_odd_number(replace(word, label=None, span=-1, known=False) if loose else word))
            yield Example((), self.doubt.hidden(tuple(words), frozenset({"person_name"})), "polyai")

    def sgd(self) -> Iterator[Example]:
        """Assistant dialogues, some spans labelled: for testing recall only."""
        for row in _rows(self._folder / "sgd_train.jsonl"):
            yield Example(tuple(str(row.get("p", "")).split()), from_spans(str(row["t"]), self._spans(row)), "sgd")

    def presidio(self) -> Iterator[Example]:
        """Written templates, everything labelled, for testing only."""
        for row in _rows(self._folder / "presidio_synth_v2.jsonl"):
            yield Example((), from_spans(str(row["t"]), self._spans(row)), "presidio")

    def requests(self, name: str) -> Iterator[Example]:
        """banking77, clinc, taskmaster: hardly anything personal; what the lists hold is unknown."""
        for row in _rows(self._folder / f"{name}_unlabelled.jsonl"):
            words = tuple(Word(token) for token in str(row["t"]).split())
            if words:
                words = tuple(_odd_number(word) for word in self.doubt.hidden(words, frozenset()))
                yield Example((), tuple(self._rare_unknown(words)), name)

    def medical(self) -> Iterator[Example]:
        """Doctors' and patients' turns: what the medical lists hold is labelled, rare words are unknown."""
        for name in ("mts_dialog", "aci_bench"):
            for row in _rows(self._folder / f"{name}_unlabelled.jsonl"):
                previous: tuple[str, ...] = ()
                for line in str(row["t"]).split("\n"):
                    text = re.sub(r"^\[?\w+\]?:?\s+", "", line, count=1)
                    words = _tidy(Word(token) for token in text.split())
                    if 1 < len(words) <= 70:
                        yield Example(previous, self._listed(words), name)
                    previous = tuple(word.text for word in words)
        for row in _rows(self._folder / "primock57_unlabelled.jsonl"):
            words = tuple(Word(token) for token in str(row["t"]).split())
            if 2 < len(words) <= 70:
                yield Example((), self._listed(words), "primock57")

    def _listed(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        result = list(words)
        for number, (first, last, label) in enumerate(self.doubt.phrases(words)):
            sure = (
                label in ("drug", "medical_condition", "medical_process")
                and len(" ".join(w.text for w in words[first:last])) > 4
            )
            for index in range(first, last):
                result[index] = (
                    replace(words[index], label=label, span=number) if sure else replace(words[index], known=False)
                )
        return tuple(_odd_number(word) for word in self._rare_unknown(self.doubt.hidden(tuple(result), frozenset())))

    def _rare_unknown(self, words: tuple[Word, ...]) -> Iterator[Word]:
        for word in words:
            rare = word.label is None and bare(word.text) not in self.common
            yield replace(word, known=False) if rare else word

    def carriers(self, seed: int, count: int) -> list[tuple[Word, ...]]:
        """Sentences of the request corpora whose every word is common and known."""
        rng = random.Random(seed)
        found = [
            example.words
            for name in ("banking77", "clinc", "taskmaster4_coffee")
            for example in self.requests(name)
            if 3 <= len(example.words) <= 18 and all(word.known for word in example.words)
        ]
        return rng.sample(found, min(count, len(found)))
