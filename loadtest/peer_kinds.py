"""What peers call what they find, in this project's policies. Made in the peers' favour.

A kind that stands for several policies is right when it is any of them. Kinds that the labelled set does not know
(web addresses, passports, ...) have no entry: they count neither for a peer nor against it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.core.policy import Policy
from gateway.evaluation.text_scoring import Found

PRESIDIO: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AGE": (Policy.PERSON_AGE,),
        "CREDIT_CARD": (Policy.CREDIT_CARD_NUMBER,),
        "DATE_TIME": (Policy.DATE, Policy.DATE_OF_BIRTH, Policy.CREDIT_CARD_EXPIRATION),
        "EMAIL_ADDRESS": (Policy.EMAIL_ADDRESS,),
        "IBAN_CODE": (Policy.BANKING_INFORMATION,),
        "LOCATION": (Policy.LOCATION,),
        "NRP": (Policy.NATIONALITY, Policy.RELIGION, Policy.POLITICAL_AFFILIATION),
        "ORGANIZATION": (Policy.ORGANIZATION,),
        "PERSON": (Policy.PERSON_NAME,),
        "PHONE_NUMBER": (Policy.PHONE_NUMBER,),
        "US_BANK_NUMBER": (Policy.BANKING_INFORMATION,),
        "US_DRIVER_LICENSE": (Policy.DRIVERS_LICENSE,),
        "US_ITIN": (Policy.US_SOCIAL_SECURITY_NUMBER,),
        "US_SSN": (Policy.US_SOCIAL_SECURITY_NUMBER,),
    }
)

SCRUBADUB: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "address": (Policy.LOCATION,),
        "credit_card": (Policy.CREDIT_CARD_NUMBER,),
        "date_of_birth": (Policy.DATE_OF_BIRTH,),
        "drivers_licence": (Policy.DRIVERS_LICENSE,),
        "email": (Policy.EMAIL_ADDRESS,),
        "location": (Policy.LOCATION,),
        "name": (Policy.PERSON_NAME,),
        "organization": (Policy.ORGANIZATION,),
        "phone": (Policy.PHONE_NUMBER,),
        "postalcode": (Policy.LOCATION,),
        "social_security_number": (Policy.US_SOCIAL_SECURITY_NUMBER,),
    }
)


NOT_CLAIMED = frozenset({Policy.CREDIT_CARD_EXPIRATION})
"""Right when a date of any kind is found there, but no peer sets out to find it."""


@dataclass(frozen=True, slots=True)
class PeerSpan:
    """What a peer found at `start:end` of a line, in its own words. `score`: how sure it is, 0..1."""

    start: int
    end: int
    kind: str
    score: float


def claimed_policies(kinds: Iterable[str], policies_of: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The policies that a peer with these kinds sets out to find, in order of their names."""
    return tuple(sorted({policy for kind in kinds for policy in policies_of.get(kind, ())} - NOT_CLAIMED))


def as_findings(
    spans: Collection[PeerSpan], policies_of: Mapping[str, tuple[str, ...]], least_score: float = 0.0
) -> tuple[Found, ...]:
    """A peer's spans of at least a score, in policies. Where several overlap the surest stays, then the longest."""
    taken: list[PeerSpan] = []
    for span in sorted(spans, key=lambda span: (-span.score, span.start - span.end, span.start, span.kind)):
        is_free = all(span.end <= other.start or other.end <= span.start for other in taken)
        if span.kind in policies_of and span.score >= least_score and is_free:
            taken.append(span)
    return tuple(
        Found(span.start, span.end, policies_of[span.kind]) for span in sorted(taken, key=lambda span: span.start)
    )
