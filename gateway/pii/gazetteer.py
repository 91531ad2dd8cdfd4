"""Word lists that ship with the package (`gateway/pii/data`, sources in its README), read once when first needed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _lines(name: str) -> frozenset[str]:
    text = files("gateway.pii").joinpath("data", name).read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def first_names() -> frozenset[str]:
    """First names that are hardly ever another word."""
    return _lines("first_names.txt")


def first_names_also_words() -> frozenset[str]:
    """First names that are also words, places, months or brands: they need more than themselves."""
    return _lines("first_names_also_words.txt")


def surnames() -> frozenset[str]:
    """Surnames that are hardly ever another word."""
    return _lines("surnames.txt")


def places() -> frozenset[str]:
    """States, countries and large cities; a name of several words is one line."""
    return _lines("places.txt")


@cache
def terms(name: str) -> tuple[tuple[str, bool], ...]:
    """The terms of `data/terms/<name>.txt`, lower case, each with whether it is hardly ever anything else."""
    text = files("gateway.pii").joinpath("data", "terms", f"{name}.txt").read_text(encoding="utf-8")
    rows = (line for line in text.splitlines() if not line.startswith("#"))
    listed = (term.strip() for row in rows for term in row.split(","))
    return tuple((term.rstrip("?"), not term.endswith("?")) for term in listed if term)
