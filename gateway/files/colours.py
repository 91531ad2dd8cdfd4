"""A colour for each policy, the same wherever a result is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

UNDECIDED: Final = "#9a9a9a"
"""What was covered because it was undecided."""
_COLOURS: Final = (
    "#d1495b",
    "#2e86ab",
    "#e29c38",
    "#4f9d69",
    "#7b5ea7",
    "#c46a2b",
    "#3aa6a0",
    "#b5548f",
    "#7c8c2c",
    "#4c6fbf",
    "#a6473f",
    "#5b8e7d",
)


def policy_colours(policies: Iterable[str | None]) -> dict[str, str]:
    """A colour (`#rrggbb`) for each policy that occurs, in the order of their names; None, undecided, gets none."""
    found = sorted({policy for policy in policies if policy is not None})
    return {policy: _COLOURS[at % len(_COLOURS)] for at, policy in enumerate(found)}
