"""Makes clean turns look like what a recogniser hands over: form, fillers, repairs, words misheard, cut."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from models.tagger.entities import Maker
from models.tagger.numbers_said import in_words
from models.tagger.words import Example, Word

SUBSTITUTED = frozenset({"person_name", "location", "organization", "medical_condition", "medical_process", "drug"})
FILLERS = ("um", "uh", "er", "like", "you know", "I mean", "well", "hmm", "uh huh", "sort of")
_STRIP = re.compile(r"(?<!\w)[^\w$]+|[^\w]+(?!\w)")
_CODES = (
    (r"[^a-z]", ""), (r"^(kn|gn|pn)", "n"), (r"^wr", "r"), (r"^x", "s"), (r"^wh", "w"), (r"mb$", "m"),
    (r"tch|ch|sh|tion|sch", "X"), (r"ph", "f"), (r"gh(?=[^aeiou]|$)", ""), (r"ck|q|c(?=[^eiy]|$)|k", "K"),
    (r"c|z|s", "S"), (r"dg|j|g(?=[eiy])", "J"), (r"g", "K"), (r"d", "T"), (r"t", "T"), (r"v", "F"), (r"f", "F"),
    (r"b|p", "P"), (r"(?<=\w)h", ""), (r"^[aeiouy]+", "A"), (r"(?<=\w)[aeiouyw]+", ""), (r"(.)\1+", r"\1"),
)  # fmt: skip


def sound(word: str) -> str:
    """A rough code of how a word sounds: consonant classes, and whether it begins with a vowel."""
    code = word.lower()
    for pattern, to in _CODES:
        code = re.sub(pattern, to, code)
    return code


class Mishearing:
    """Finds words of `vocabulary` that sound like a word."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._alike: dict[str, list[str]] = defaultdict(list)
        self._known = set(vocabulary)
        for word in sorted(self._known):
            if len(word) > 1:
                self._alike[sound(word)].append(word)
        self._memory: dict[str, list[str]] = {}

    def misheard(self, word: str, rng: random.Random) -> str:
        """Another word, or two, that sound like it; the word itself when there is none."""
        plain = re.sub(r"[^a-z']", "", word.lower())
        if len(plain) < 3 or any(one.isdigit() for one in word):
            return word
        choices = self._memory.get(plain)
        if choices is None:
            choices = [
                other
                for other in self._alike.get(sound(plain), ())
                if other != plain and abs(len(other) - len(plain)) <= 2
            ]
            for cut in range(2, len(plain) - 1):
                if plain[:cut] in self._known and plain[cut:] in self._known:
                    choices.append(f"{plain[:cut]} {plain[cut:]}")
            self._memory[plain] = choices
        if not choices:
            return word
        other = rng.choice(choices)
        tail = re.search(r"[.,?!]*$", word)
        end = tail.group() if tail else ""
        if word[:1].isupper():
            other = " ".join(part.capitalize() if rng.random() < 0.8 else part for part in other.split())
        return other + end


def lower_form(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Lower case without punctuation, as decoders without a writer put it."""
    result: list[Word] = []
    for word in words:
        text = word.text.lower()
        if not ("@" in text or re.search(r"\d", text)):
            text = text.replace("-", " ")
        text = _STRIP.sub(" ", text) if "@" not in text else text
        result += [replace(word, text=part) for part in text.split()]
    return tuple(result)


class Substitute:
    """Puts other entities of the same label into an example, so that real sentences are seen with the wide lists."""

    def __init__(self, makers: Mapping[str, Maker], share: float = 0.5) -> None:
        self._makers = makers
        self._share = share

    def __call__(self, example: Example, rng: random.Random) -> Example:
        result: list[Word] = []
        words = example.words
        at = 0
        while at < len(words):
            end = at + 1
            while end < len(words) and words[end].span == words[at].span and words[at].span >= 0:
                end += 1
            label = words[at].label
            if label is None or label not in SUBSTITUTED or rng.random() > self._share:
                result += words[at:end]
            else:
                made = self._makers[label](rng).removeprefix("the ")
                whole = " ".join(word.text for word in words[at:end])
                if whole.islower():
                    made = made.lower()
                tail = re.search(r"(?:'s)?[.,?!]*$", whole)
                made += tail.group() if tail else ""
                result += [replace(words[at], text=text) for text in made.split()]
            at = end
        return replace(example, words=tuple(result))


class Augment:
    """Changes examples; draws everything from the generator it is given."""

    def __init__(self, mishearing: Mishearing) -> None:
        self._mishearing = mishearing

    def __call__(self, example: Example, rng: random.Random, cut: float = 0.35) -> Example:
        words = example.words
        previous = tuple(Word(text) for text in example.previous)
        style = rng.random()
        if rng.random() < 0.3:
            words = self._as_words(words, rng)
        if rng.random() < 0.25:
            words = self._fillers(words, rng)
        if rng.random() < 0.15:
            words = self._repair(words, rng)
        if rng.random() < 0.5:
            words = self._errors(words, rng, rng.choice((0.02, 0.05, 0.12)))
        if rng.random() < 0.25:
            previous = self._errors(previous, rng, 0.05)
        if style < 0.45:
            words = lower_form(words)
            previous = lower_form(previous)
        elif style < 0.52:
            words = tuple(replace(word, text=word.text.strip(".,?!") or word.text) for word in words)
        if rng.random() < 0.12:
            previous = ()
        words = words or example.words
        if rng.random() < cut and len(words) > 1:
            return self._cut(replace(example, previous=tuple(word.text for word in previous), words=words), rng)
        return replace(example, previous=tuple(word.text for word in previous), words=words)

    def anywhere(self, example: Example, rng: random.Random) -> Example:
        """The example as recognised, and cut after any of its words, as live speech is read."""
        whole = self(example, rng, cut=0.0)
        return self._cut(whole, rng, rng.randrange(len(whole.words) - 1)) if len(whole.words) > 1 else whole

    def _cut(self, example: Example, rng: random.Random, at: int | None = None) -> Example:
        spanned = [
            index for index, word in enumerate(example.words) if word.span >= 0 and index + 1 < len(example.words)
        ]
        if at is None:
            at = rng.choice(spanned) if spanned and rng.random() < 0.6 else rng.randrange(len(example.words) - 1)
        kept = list(example.words[: at + 1])
        rest = {word.span for word in example.words[at + 1 :] if word.span >= 0}
        last = kept[-1]
        text = last.text
        if rng.random() < 0.6:
            text = text.rstrip(",") or text
            if rng.random() < 0.4 and text[-1].isalnum() and text[:1].isupper() | (len(kept) > 3):
                text += "."
        kept[-1] = replace(last, text=text)
        return replace(example, words=tuple(kept), open=frozenset({last.span} & rest) - {-1})

    def _as_words(self, words: tuple[Word, ...], rng: random.Random) -> tuple[Word, ...]:
        result: list[Word] = []
        for word in words:
            match = re.fullmatch(r"(\d{1,4})([.,?!]*)", word.text)
            if match is None or rng.random() < 0.3:
                result.append(word)
                continue
            parts = in_words(int(match[1])).split()
            result += [replace(word, text=part) for part in parts[:-1]]
            result.append(replace(word, text=parts[-1] + match[2]))
        return tuple(result)

    def _fillers(self, words: tuple[Word, ...], rng: random.Random) -> tuple[Word, ...]:
        result = list(words)
        for _ in range(rng.choice((1, 1, 2))):
            at = rng.randrange(len(result) + 1)
            inside = 0 < at < len(result) and result[at - 1].span == result[at].span and result[at].span >= 0
            like = result[at] if inside else Word("")
            comma = "," if rng.random() < 0.5 else ""
            filler = rng.choice(FILLERS[:3] if inside else FILLERS).split()
            result[at:at] = [
                replace(like, text=text + (comma if index + 1 == len(filler) else ""))
                for index, text in enumerate(filler)
            ]
        return tuple(result)

    def _repair(self, words: tuple[Word, ...], rng: random.Random) -> tuple[Word, ...]:
        at = rng.randrange(len(words))
        size = rng.choice((1, 1, 2))
        again = words[max(0, at - size + 1) : at + 1]
        style = rng.random()
        if style < 0.35 and len(words[at].text) > 3:
            piece = words[at].text[: rng.randrange(1, 4)]
            return (*words[:at], replace(words[at], text=piece + rng.choice(("-", "", "...", ","))), *words[at:])
        if style < 0.75:
            return (*words[: at + 1], *again, *words[at + 1 :])
        return (
            *words[: at + 1],
            *(Word(text) for text in rng.choice(("no", "I mean", "sorry", "no wait", "uh")).split()),
            *words[max(0, at - size + 1) :],
        )

    def _errors(self, words: tuple[Word, ...], rng: random.Random, rate: float) -> tuple[Word, ...]:
        result: list[Word] = []
        for word in words:
            if rng.random() < rate * (1.5 if word.label is not None else 1.0):
                if rng.random() < 0.1 and word.label is None:
                    continue
                result += [replace(word, text=part) for part in self._mishearing.misheard(word.text, rng).split()]
            else:
                result.append(word)
        return tuple(result) or words
