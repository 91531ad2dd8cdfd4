"""A card for every policy: what it is, how it is found, what it sounds like. The texts are in `data/cards.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from gateway.core.policy import DEFAULT_POLICIES, WIDER, Policy


@dataclass(frozen=True, slots=True)
class Card:
    """`what` the policy covers, `how` the rules find it, spoken `examples`.

    `tagger`: the trained tagger looks for it as well. `wider`: the policy it is a kind of. `narrower`: its kinds.
    `related`: other policies that may be meant. `default`: "all" stands for it too.
    """

    policy: Policy
    what: str
    how: str
    examples: tuple[str, ...]
    tagger: bool
    wider: Policy | None
    narrower: tuple[Policy, ...]
    related: tuple[Policy, ...]
    default: bool


def _read() -> Mapping[Policy, Card]:
    text = files("gateway.pii").joinpath("data", "cards.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            Policy(name): Card(
                policy=Policy(name),
                what=row["what"],
                how=row["how"],
                examples=tuple(row["examples"]),
                tagger=row.get("tagger", False),
                wider=WIDER.get(Policy(name)),
                narrower=tuple(part for part, wide in WIDER.items() if wide == name),
                related=tuple(map(Policy, row.get("related", ()))),
                default=Policy(name) in DEFAULT_POLICIES,
            )
            for name, row in sorted(tomllib.loads(text).items())
        }
    )


CARDS: Final[Mapping[Policy, Card]] = _read()
"""The card of every policy, by name, in alphabetical order."""
