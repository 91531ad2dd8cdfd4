"""How sure a finding must be to be covered: the user's choice between leaking less and covering less.

A detector answers with calibrated probabilities; here they become decisions. What stays below its threshold is a near
miss, told without content, for a person to review.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.core.detection import Finding, OpenCandidate
from gateway.errors import OptionError

NEAR_MISS_ABOVE: Final = 0.1
"""A finding less probable than this is not worth a look."""


class Strength(StrEnum):
    """`strict` covers what may be personal, `precise` only what surely is."""

    STRICT = "strict"
    BALANCED = "balanced"
    PRECISE = "precise"


FINDING_ABOVE: Final[Mapping[Strength, float]] = MappingProxyType(
    {Strength.STRICT: 0.2, Strength.BALANCED: 0.5, Strength.PRECISE: 0.7}
)
"""A finding at least this probable is covered."""

OPEN_ABOVE: Final[Mapping[Strength, float]] = MappingProxyType(
    {Strength.STRICT: 0.05, Strength.BALANCED: 0.3, Strength.PRECISE: 0.7}
)
"""At its deadline, what becomes a finding with at least this probability when more is heard is covered."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """The strength of a session, and those of single policies (or labels of the user) where they differ."""

    default: Strength = Strength.BALANCED
    by_policy: Mapping[str, Strength] = field(default_factory=lambda: MappingProxyType({}))

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is probable enough."""
        return finding.confidence >= FINDING_ABOVE[self.by_policy.get(finding.policy, self.default)]

    def notices(self, finding: Finding) -> bool:
        """Whether the finding is a near miss."""
        return finding.confidence >= NEAR_MISS_ABOVE and not self.covers(finding)

    def holds(self, candidate: OpenCandidate) -> bool:
        """Whether the candidate is probable enough. While its policy is not known, the strictest strength decides."""
        if candidate.policy is None:
            return candidate.confidence >= min(OPEN_ABOVE[one] for one in (self.default, *self.by_policy.values()))
        return candidate.confidence >= OPEN_ABOVE[self.by_policy.get(candidate.policy, self.default)]

    def __str__(self) -> str:
        """As `parse_strengths` reads it."""
        return ",".join([self.default.value, *(f"{name}:{strength}" for name, strength in self.by_policy.items())])


def parse_strengths(text: str) -> Strengths:
    """Read "strict", or "balanced,person_name:strict,date:precise".

    Raises OptionError that names what is allowed. Whether a policy exists is for its owner to check.
    """
    default: Strength | None = None
    by_policy: dict[str, Strength] = {}
    for part in text.split(","):
        policy, colon, name = part.strip().rpartition(":")
        if name not in set(Strength):
            raise OptionError(
                f"strength: {name[:40]!a} is not allowed; allowed: {', '.join(Strength)}, also for single policies: "
                "balanced,person_name:strict"
            )
        if colon:
            by_policy[policy] = Strength(name)
        elif default is not None:
            raise OptionError("strength: one strength is for everything; name a policy for others: date:precise")
        else:
            default = Strength(name)
    return Strengths(default or Strength.BALANCED, MappingProxyType(by_policy))
