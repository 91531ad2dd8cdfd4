"""Regular expressions that users write. RE2 matches them in linear time, so none of them can hold up a worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import re2

from gateway.errors import OptionError

MAX_PATTERN_CHARS: Final = 200
MAX_PROGRAM: Final = 2_000
"""RE2's size of a compiled pattern; one with large repetitions inside each other has more."""
SURE_CHARS: Final = 80
"""A match of so many characters is found wherever it lies; a longer one may be found in parts."""
_WINDOW_CHARS: Final = 2 * SURE_CHARS
_MEMORY_BYTES: Final = 1 << 18


class Pattern:
    """A regular expression in RE2's syntax (no look-around, no back references); upper and lower case are the same.

    Raises OptionError that says what is wrong with it.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN_CHARS:
            raise OptionError(f"a pattern has {len(text)} characters; allowed: {MAX_PATTERN_CHARS}")
        options = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        options.max_mem = _MEMORY_BYTES
        try:
            self._compiled = re2.compile(_encodable(text), options)
        except re2.error as error:
            reason = error.args[0] if error.args else b""
            said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            raise OptionError(
                f"a pattern is not a regular expression of RE2: {ascii(said)[1:-1]}; look-around and back references "
                "are not allowed"
            ) from None
        if self._compiled.programsize > MAX_PROGRAM:
            raise OptionError("a pattern is too large; use smaller numbers in {...}")

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches, in order: disjoint, never empty. Takes time in proportion to the length of `text`."""
        text = _encodable(text)
        position = 0
        while position < len(text):
            limit = min(position + _WINDOW_CHARS, len(text))
            before = max(0, position - 1)  # one more character, for what looks back: ^ and \b
            match = self._compiled.search(text[before:limit], position - before)
            if match is None:
                if limit == len(text):
                    return
                position += SURE_CHARS
                continue
            start: int
            end: int
            start, end = (before + at for at in match.span())
            if end == limit < len(text) and start > position:
                position = start  # seen whole from its own start
                continue
            if end > start:
                yield start, end
            position = max(end, position + 1)


def _encodable(text: str) -> str:
    """Half a surrogate pair, which UTF-8 may not hold, becomes a question mark; lengths stay."""
    return text.encode("utf-8", "replace").decode("utf-8")
