"""A wrapper for what was said, where it crosses from one part to another in memory."""

from __future__ import annotations

import resource
from typing import Final, Generic, TypeVar

_Value = TypeVar("_Value")

SHOWN: Final = "<private>"


def forbid_core_dumps() -> None:
    """Keep the memory of this process, and of those it starts, out of files when it crashes."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


class Private(Generic[_Value]):
    """Holds a value that must not be shown: it prints, formats and pickles as `<private>`.

    Two wrappers are equal only when they are the same one, so that an assertion does not tell the value either.
    """

    __slots__ = ("_value",)

    def __init__(self, value: _Value) -> None:
        self._value = value

    def reveal(self) -> _Value:
        """The value. Whoever calls this answers for where it goes."""
        return self._value

    def __repr__(self) -> str:
        return SHOWN

    def __format__(self, spec: str) -> str:
        return SHOWN

    def __reduce__(self) -> tuple[type[Private[str]], tuple[str]]:
        return Private, (SHOWN,)
