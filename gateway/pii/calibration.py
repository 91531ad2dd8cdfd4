"""How often a rule is right: from what its author thought of it to a probability.

`data/calibration.json` holds counts made by `python -m loadtest.calibrate` on one half of the labelled sets: how many
findings of a rule, for each policy, were right, and how often what a rule held open became a finding. A rule with few
counts keeps its author's figure for the most part.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Final, TypeAlias

AUTHOR_COUNTS: Final = 8.0
"""The author's figure weighs as much as so many findings."""
OPEN_UNKNOWN: Final = 0.7
"""How probable it is that what a rule holds open becomes a finding, before any counts."""

Counts: TypeAlias = dict[str, tuple[int, int]]
"""By name: how many there were, and how many of them were right."""


def probability(policy: str, rule: str, thought: float) -> float:
    """The probability that a finding of `rule`, of which its author `thought` so much, is right."""
    seen, right = _counts()[0].get(f"{policy}/{rule}", (0, 0))
    return (right + AUTHOR_COUNTS * thought) / (seen + AUTHOR_COUNTS)


def open_probability(rule: str) -> float:
    """The probability that what `rule` holds open becomes a finding."""
    seen, right = _counts()[1].get(rule, (0, 0))
    return (right + AUTHOR_COUNTS * OPEN_UNKNOWN) / (seen + AUTHOR_COUNTS)


@lru_cache(maxsize=1)
def _counts() -> tuple[Counts, Counts]:
    table = json.loads((files("gateway.pii") / "data" / "calibration.json").read_text())
    findings, still_open = (
        {name: (int(seen), int(right)) for name, (seen, right) in table[kind].items()} for kind in ("findings", "open")
    )
    return findings, still_open
