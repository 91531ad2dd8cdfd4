"""Finds the terms of long lists in an utterance: every term is filed under its first word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.core.policy import Policy
from gateway.pii.pieces import cut


@dataclass(frozen=True, slots=True)
class Term:
    """The words of a term, lower case and without "'s". `sure`: it is hardly ever anything else."""

    words: list[str]
    policy: Policy
    sure: bool


@dataclass(frozen=True, slots=True)
class Match:
    """`term` stands in the pieces `first:end`."""

    first: int
    end: int
    term: Term


def plain(word: str) -> str:
    """The word without "'s" or a last apostrophe: lists and speech are compared like this."""
    return word[:-2] if word.endswith("'s") else word


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


class PhraseIndex:
    """Terms of many policies. Built once; looking up costs one dictionary access for each word."""

    def __init__(self) -> None:
        self._table: dict[str, list[Term]] = {}

    def add(self, policy: Policy, terms: Iterable[tuple[str, bool]], plurals: bool = True) -> None:
        """File `terms` (text, sure), with their plurals unless told otherwise."""
        for text, sure in terms:
            words = [plain(piece.word) for piece in cut(text.split())]
            forms = [words]
            if plurals and len(words[-1]) > 2:
                forms.append([*words[:-1], _plural(words[-1])])
            for form in forms:
                entries = self._table.setdefault(form[0], [])
                if not any(entry.words == form and entry.policy is policy for entry in entries):
                    entries.append(Term(form, policy, sure))
                    entries.sort(key=lambda entry: -len(entry.words))

    def matches(self, words: Sequence[str]) -> list[Match]:
        """All terms in `words` (made `plain`), in order; of each policy only the longest that starts at a place."""
        found: list[Match] = []
        table = self._table
        for place, word in enumerate(words):
            entries = table.get(word)
            if entries is None:
                continue
            seen: set[Policy] = set()
            for term in entries:
                end = place + len(term.words)
                if term.policy in seen or (end > place + 1 and words[place:end] != term.words):
                    continue
                seen.add(term.policy)
                found.append(Match(place, end, term))
        return found

    def begins(self, words: Sequence[str], place: int) -> bool:
        """Whether two words or more from `place` to the end are the beginning of a longer term."""
        rest = list(words[place:])
        size = len(rest)
        entries = self._table.get(rest[0], ()) if size >= 2 else ()
        return any(len(term.words) > size and term.words[:size] == rest for term in entries)
