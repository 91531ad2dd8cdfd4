"""Expands the grammar of `grammar/*.txt` into labelled turns.

A rule file holds definitions `name := text` (several lines of one name are alternatives) and scenes: a line `== name`,
then lines `Q:` (the other party's turn), `A:` (answers to any of the scene's questions) and `S:` (turns that need no
question). In a text, `[a|b|]` picks one of the parts, `<name>` a definition, `{label}` or `{label:kind}` an entity of
that label, and `{-:kind}` the same words without a label.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.tagger.words import Word, from_spans

_PART = re.compile(r"\[|\]|\||\{[^{}]*\}|<\w+>|[^][|{}<>]+")
_ARTICLE = re.compile(r"(?:the|an?|my) ")
Maker = Callable[[random.Random], str]
Span = tuple[int, int, str]


@dataclass(slots=True)
class Scene:
    """Questions of the other party, answers to them, and statements without a question."""

    name: str
    questions: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


class Grammar:
    """Definitions and scenes of every rule file in `folder`; `makers` make the entities by kind."""

    def __init__(self, folder: Path, makers: Mapping[str, Maker], labels: tuple[str, ...]) -> None:
        self._makers = makers
        self._labels = labels
        self._definitions: dict[str, list[str]] = {}
        self.scenes: list[Scene] = []
        for path in sorted(folder.glob("*.txt")):
            self._read(path)

    def _read(self, path: Path) -> None:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("== "):
                self.scenes.append(Scene(line[3:].strip()))
            elif " := " in line:
                name, _, text = line.partition(" := ")
                self._definitions.setdefault(name.strip(), []).append(text.strip())
            elif line[:2] in ("Q:", "A:", "S:"):
                scene = self.scenes[-1]
                {"Q": scene.questions, "A": scene.answers, "S": scene.statements}[line[0]].append(line[2:].strip())
            else:
                raise ValueError(f"{path.name}:{number}: neither a definition nor a line of a scene")

    def expand(self, text: str, rng: random.Random) -> tuple[Word, ...]:
        """One labelled turn from a text of the grammar."""
        pieces = self._pieces(text, rng)
        plain = ""
        spans: list[Span] = []
        for piece, label in pieces:
            if label is not None:
                spans.append((len(plain), len(plain) + len(piece), label))
            plain += piece
        words = list(from_spans(plain, spans))
        begins = True
        for index, word in enumerate(words):
            if word.text in ("a", "an") and index + 1 < len(words):
                vowel = words[index + 1].text[0].lower() in "aeiou"
                word = words[index] = Word("an" if vowel else "a", word.label, word.span)
            if begins and word.text[:1].islower():
                words[index] = Word(word.text[:1].upper() + word.text[1:], word.label, word.span)
            begins = word.text[-1:] in ".?!"
        return tuple(words)

    def _pieces(self, text: str, rng: random.Random) -> list[tuple[str, str | None]]:
        tokens = _PART.findall(text)
        if "".join(tokens) != text:
            raise ValueError(f"cannot read {text!r}")
        pieces, rest = self._sequence(tokens, 0, rng)
        if rest != len(tokens):
            raise ValueError(f"brackets do not match in {text!r}")
        return pieces

    def _sequence(self, tokens: list[str], at: int, rng: random.Random) -> tuple[list[tuple[str, str | None]], int]:
        pieces: list[tuple[str, str | None]] = []
        while at < len(tokens) and tokens[at] not in ("]", "|"):
            token = tokens[at]
            if token == "[":
                options: list[list[tuple[str, str | None]]] = []
                while token != "]":
                    option, at = self._sequence(tokens, at + 1, rng)
                    options.append(option)
                    if at >= len(tokens):
                        raise ValueError("a bracket is not closed")
                    token = tokens[at]
                pieces += rng.choice(options)
            elif token[0] == "<":
                pieces += self._pieces(rng.choice(self._definitions[token[1:-1]]), rng)
            elif token[0] == "{":
                label, _, kind = token[1:-1].partition(":")
                if label != "-" and label not in self._labels:
                    raise ValueError(f"no label {label!r}")
                value = self._makers[kind or label](rng)
                article = _ARTICLE.match(value)
                if article is not None:
                    pieces.append((article.group(), None))
                    value = value[article.end() :]
                pieces.append((value, None if label == "-" else label))
            else:
                pieces.append((token, None))
            at += 1
        return pieces, at
