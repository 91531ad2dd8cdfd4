"""The word lists, and which of their entries are kept for testing."""

from __future__ import annotations

import zlib
from pathlib import Path

HERE = Path(__file__).parent


def read_list(name: str) -> tuple[str, ...]:
    """The entries of `lists/NAME.txt`, separated by commas or lines."""
    text = (HERE / "lists" / f"{name}.txt").read_text()
    return tuple(
        dict.fromkeys(entry.strip() for line in text.splitlines() for entry in line.split(",") if entry.strip())
    )


def read_parts(name: str) -> tuple[str, ...]:
    """The entries of `lists/parts/NAME.txt`, repeated ones too: parts that entities are put together from."""
    return tuple(entry.strip() for entry in (HERE / "lists" / "parts" / f"{name}.txt").read_text().split(","))


def read_companies(path: Path) -> tuple[str, ...]:
    """Names of the company list without their legal forms; three words at most, none with figures."""
    if not path.exists():
        return ("Block Energy",)
    forms = frozenset(read_parts("legal_forms"))
    found: list[str] = []
    for line in path.read_text(errors="replace").splitlines()[1:]:
        words = [word for word in line.strip().strip('"').split() if word.strip(".,()").lower() not in forms]
        words = [word.title() if word.isupper() and len(word) > 4 else word.strip(",()") for word in words]
        name = " ".join(words)
        if 1 <= len(words) <= 3 and len(name) > 3 and name.isascii() and not any(one.isdigit() for one in name):
            found.append(name)
    return tuple(dict.fromkeys(found))


def share(entries: tuple[str, ...], held_out: bool) -> tuple[str, ...]:
    """A list without the entries kept for testing, or only those: a twelfth, by hash, after the first thirty."""
    kept = tuple(entry for index, entry in enumerate(entries) if index >= 30 and zlib.crc32(entry.encode()) % 12 == 0)
    if held_out and kept:
        return kept
    return tuple(entry for entry in entries if entry not in kept)
