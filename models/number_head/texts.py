"""What the synthetic voices say: numbers and spelling in every shape, and ordinary sentences without either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.number_head.classes import DIGITS, NUMBER_WORDS

_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_MONTHS = ("january", "february", "march", "april", "june", "july", "august", "october", "november", "december")
_BEFORE = (
    "my number is", "it is", "call me on", "the card number is", "okay so that is", "sure", "yes it is",
    "the zip code is",
    "let me see", "account number", "my birthday is", "that will be", "you can reach me at", "it ends in", "spelled",
    "my name is spelled", "the reference is", "hang on", "i live at", "the code on the back is", "policy number", "so",
)  # fmt: skip
_AFTER = ("thank you", "did you get that", "i think", "yes", "please", "is that right", "okay", "and that is all")
_HOMOPHONES = (
    "i went to the shop for my mother", "we ate the cake for lunch", "she won the race and he ate too",
    "oh i see what you mean", "oh no that is not for me", "the tree in front of the house", "oh that would be great",
    "this is for you to keep", "give it to her for now", "it is too late for us to go", "they won again oh well",
    "what is it for", "who is it to", "i have to wait for the bus to come", "same sex couples are welcome to apply",
    "there is a big tree to the left", "he knows what to look for", "oh you ate it all", "the ate of the order for tea",
    "are you free to talk", "why are you here", "you see the sea from here", "i see why you are so keen",
    "tea for the team", "be quiet and wait in the queue", "i owe you an apology", "the jay sat on a tree",
    "an eye for detail",
    "pour some water for the dog to drink", "before we go to the store", "forward it to the office", "benign results",
    "my wife is in the dining room", "the fine line of the sign", "heaven sent this to even the score",
    "fix the mix of bricks",
    "wait until late to eat", "the hero rode the arrow", "live alive in a hive", "we drive to the dive bar",
)  # fmt: skip


def number_texts(random: np.random.Generator, surnames: list[str], count: int) -> Iterator[list[str]]:
    """Utterances with numbers or spelling, as words; a word that ends with a comma is followed by a pause."""
    for _ in range(count):
        kind = random.integers(10)
        if kind < 5:
            words = _digits(random)
        elif kind < 7:
            words = _numbers(random)
        elif kind < 9:
            words = list(str(random.choice(surnames)).lower())
        else:
            words = [str(random.choice([*DIGITS, *"bcdefghjklmnpqrstuvwxyz"])) for _ in range(random.integers(4, 9))]
        if random.random() < 0.5:
            words = [*str(random.choice(_BEFORE)).split(), *words]
        if random.random() < 0.2:
            words = [*words, *str(random.choice(_AFTER)).split()]
        yield words


def _digits(random: np.random.Generator) -> list[str]:
    words: list[str] = []
    zero = "oh" if random.random() < 0.5 else "zero"
    pause = random.choice([0.0, 0.2, 0.5])
    for _ in range(random.integers(3, 12)):
        digit = int(random.integers(10))
        if random.random() < 0.08:
            words.append(str(random.choice(["double", "double", "triple"])))
        words.append(zero if digit == 0 else DIGITS[digit])
        if random.random() < pause:
            words[-1] += ","
    return words


def _numbers(random: np.random.Generator) -> list[str]:
    def below_hundred() -> list[str]:
        number = int(random.integers(100))
        if number < 20:
            return [(*DIGITS, *_TEENS)[number]]
        return [_TENS[number // 10 - 2], *([DIGITS[number % 10]] if number % 10 else [])]

    shape = random.integers(5)
    if shape == 0:
        return ["nineteen", *below_hundred()]
    if shape == 1:
        return [DIGITS[random.integers(1, 10)], "hundred", "and", *below_hundred()]
    if shape == 2:
        return [*below_hundred(), "thousand", DIGITS[random.integers(1, 10)], "hundred"]
    if shape == 3:
        return [str(random.choice(_MONTHS)), *below_hundred(), "nineteen", *below_hundred()]
    return [word for _ in range(random.integers(1, 5)) for word in below_hundred()]


def sentences(corpora: Path, random: np.random.Generator, count: int) -> list[list[str]]:
    """Ordinary sentences as words: no numbers, no figures, nothing spelled, three to twenty words long."""
    found: list[list[str]] = []
    for name in (
        "sgd_train", "slurp_devel_test", "polyai_spans", "banking77_unlabelled", "clinc_unlabelled",
        "primock57_unlabelled", "taskmaster4_coffee_unlabelled", "wikigold",
    ):  # fmt: skip
        lines = (corpora / f"{name}.jsonl").read_text().splitlines()
        order = random.permutation(len(lines))[: count // 4]
        found += [words for index in order if (words := _ordinary(str(json.loads(lines[index])["t"])))]
    chosen = [found[index] for index in random.permutation(len(found))[: count * 4 // 5]]
    return chosen + [str(random.choice(_HOMOPHONES)).split() for _ in range(count // 5)]


def _ordinary(text: str) -> list[str]:
    if re.search(r"[^A-Za-z',.?! ]|[A-Z]{2}|[A-Za-z]\.[A-Za-z]", text):
        return []
    words = re.sub(r"[.?!,]+(\s|$)", r",\1", text.lower()).replace(" ,", ",").split()
    plain = [word.strip(",") for word in words]
    strange = NUMBER_WORDS & set(plain) or any(len(word) == 1 and word not in "ai" for word in plain)
    return words if 3 <= len(words) <= 20 and not strange and all(plain) else []
