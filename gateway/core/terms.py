"""Terms of the user: words that are always redacted, under labels of the user's, and words that never are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.core.patterns import Pattern
from gateway.errors import OptionError

MAX_LABELS: Final = 100
MAX_TERMS: Final = 200
"""Terms of one label, and terms that are allowed."""
MAX_TERM_CHARS: Final = 200
MAX_PATTERNS: Final = 20
"""Regular expressions in one set of terms: each is tried on all that was said, at every step."""
PATTERN_PREFIX: Final = "re:"
"""What follows it in a term is a regular expression (`gateway.core.patterns`)."""

_LABEL: Final = re.compile(r"[A-Za-z0-9 _-]{1,80}")


@dataclass(frozen=True, slots=True)
class Terms:
    """`deny`: (label, terms) pairs; `allow`: terms. A term is words, or `re:` and a regular expression. Hashable.

    Build it with `Terms.of`, which checks it.
    """

    deny: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    allow: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, deny: Mapping[str, Iterable[str]], allow: Iterable[str] = ()) -> Terms:
        """Check and keep. Empty terms are dropped, those given twice are kept once.

        Raises OptionError that names the label, the number of the term and what is allowed, but no term.
        """
        if len(deny) > MAX_LABELS:
            raise OptionError(f"deny: {len(deny)} labels are too many; allowed: {MAX_LABELS}")
        kept: dict[str, tuple[str, ...]] = {}
        for label, given in deny.items():
            if not _LABEL.fullmatch(label) or not label.strip():
                raise OptionError(
                    f"deny: {label[:40]!a} is no label; allowed: 1 to 80 letters, digits, spaces, - and _ of ASCII"
                )
            if checked := checked_terms(given, f"deny: {label.strip()}"):
                kept[label.strip()] = checked
        terms = cls(tuple(kept.items()), checked_terms(allow, "allow"))
        patterns = sum(term.startswith(PATTERN_PREFIX) for term in terms.all_terms())
        if patterns > MAX_PATTERNS:
            raise OptionError(f"deny, allow: {patterns} regular expressions are too many; allowed: {MAX_PATTERNS}")
        return terms

    def __bool__(self) -> bool:
        """Whether there is any term."""
        return bool(self.deny or self.allow)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of what is always redacted."""
        return tuple(label for label, _ in self.deny)

    def all_terms(self) -> tuple[str, ...]:
        """Every term, of whatever label."""
        return (*(term for _, terms in self.deny for term in terms), *self.allow)

    def joined(self, other: Terms) -> Terms:
        """The terms of both, each of which keeps to the limits."""
        if not self or not other:
            return self or other
        deny = dict(self.deny)
        for label, terms in other.deny:
            deny[label] = (*deny.get(label, ()), *terms)
        return Terms(tuple(deny.items()), (*self.allow, *other.allow))


NO_TERMS: Final = Terms()


def checked_terms(given: Iterable[str], where: str) -> tuple[str, ...]:
    """Terms without empty and repeated ones. Raises OptionError that begins with `where`."""
    kept: dict[str, None] = {}
    for number, term in enumerate(given, start=1):
        term = term.strip()
        if len(term) > MAX_TERM_CHARS:
            raise OptionError(f"{where}: term {number} has {len(term)} characters; allowed: {MAX_TERM_CHARS}")
        if term.startswith(PATTERN_PREFIX):
            try:
                Pattern(term.removeprefix(PATTERN_PREFIX))
            except OptionError as error:
                raise OptionError(f"{where}: term {number}: {error}") from None
        elif term and not any(char.isalnum() for char in term):
            raise OptionError(f"{where}: term {number} has no letter and no digit, so nobody can say it")
        if term:
            kept[term] = None
    if len(kept) > MAX_TERMS:
        raise OptionError(f"{where}: {len(kept)} terms are too many; allowed: {MAX_TERMS}")
    return tuple(kept)
