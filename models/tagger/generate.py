"""Generates labelled turns of telephone calls from the grammar; the same seed gives the same turns.

python -m models.tagger.generate --census FOLDER --seed 1 --count 20
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.tagger.entities import Entities
from models.tagger.grammar import Grammar, Scene
from models.tagger.wordlists import HERE
from models.tagger.words import LABELS, Example, Word, join

QUIET = frozenset({"numbers", "dates", "ages", "appointment dates and money", "email"})
"""Scenes of which fewer turns are made: the rules find numbers, the tagger only has to know them."""


FREQUENT = frozenset({"name", "address", "occupation", "everyday turns, no entity"})
"""Scenes of what calls hold most."""


class Generator:
    """Makes examples; `census` is the folder of name lists, `carriers` are plain sentences to put beside a turn."""

    def __init__(self, census: Path, carriers: Sequence[tuple[Word, ...]] = (), held_out: bool = False) -> None:
        self.grammar = Grammar(HERE / "grammar", Entities(census, held_out).makers, LABELS)
        self._carriers = carriers
        self._weights = [
            0.5 if scene.name in QUIET else 2.0 if scene.name in FREQUENT else 1.0 for scene in self.grammar.scenes
        ]

    def examples(self, seed: int, count: int) -> Iterator[Example]:
        """`count` examples."""
        rng = random.Random(seed)
        for _ in range(count):
            yield self._example(rng)

    def _scene(self, rng: random.Random) -> Scene:
        return rng.choices(self.grammar.scenes, self._weights)[0]

    def _line(self, lines: Sequence[str], rng: random.Random) -> tuple[Word, ...]:
        return self.grammar.expand(rng.choice(lines), rng)

    def _any_turn(self, rng: random.Random) -> tuple[Word, ...]:
        if self._carriers and rng.random() < 0.4:
            return rng.choice(self._carriers)
        scene = self._scene(rng)
        return self._line(scene.statements or scene.answers or scene.questions, rng)

    def _example(self, rng: random.Random) -> Example:
        scene = self._scene(rng)
        style = rng.random()
        previous: tuple[Word, ...] = ()
        if scene.questions and scene.answers and style < 0.5:
            previous = self._line(scene.questions, rng)
            words = self._line(scene.answers, rng)
        elif scene.questions and style < 0.58:
            words = self._line(scene.questions, rng)
            if rng.random() < 0.6:
                previous = self._any_turn(rng)
        else:
            words = self._line(scene.statements or scene.answers, rng)
            if rng.random() < 0.7:
                previous = (
                    self._line(scene.questions, rng) if scene.questions and rng.random() < 0.4 else self._any_turn(rng)
                )
        if rng.random() < 0.2:
            previous = join(self._any_turn(rng), previous)
        for _ in range(2):
            extra = rng.random()
            if extra < 0.15:
                words = join(words, self._stopped(self._any_turn(rng)))
            elif extra < 0.25:
                words = join(self._stopped(self._any_turn(rng)), words)
        return Example(tuple(word.text for word in previous), self._stopped(words, rng), "generated")

    def _stopped(self, words: tuple[Word, ...], rng: random.Random | None = None) -> tuple[Word, ...]:
        last = words[-1]
        if last.text[-1] in ".?!," or (rng is not None and rng.random() < 0.3):
            return words
        return (*words[:-1], Word(f"{last.text}.", last.label, last.span, last.known))


def _show(example: Example) -> str:
    said = " ".join(f"{word.text}/{word.label}" if word.label else word.text for word in example.words)
    return f"({' '.join(example.previous)}) {said}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--census", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    for example in Generator(options.census).examples(options.seed, options.count):
        print(_show(example))


if __name__ == "__main__":
    main()
