"""From everything the rules found to what is answered for the selected policies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from gateway.core.policy import WIDER, Policy, narrower, reported_as
from gateway.pii.rules.reading import Hit

_BESIDE_SEQUENCES: Final = frozenset(
    {
        Policy.ACCOUNT_NUMBER,
        Policy.HEALTHCARE_NUMBER,
        Policy.PASSPORT_NUMBER,
        Policy.PASSWORD,
        Policy.VEHICLE_ID,
        Policy.ORGANIZATION_ID,
        Policy.MEDICAL_CODE,
        Policy.IP_ADDRESS,
        Policy.USERNAME,
    }
)
"""Kinds of numbers that are told beside number_sequence, which stands for them where only it is known."""

_WHOLES: Final = frozenset(
    {
        Policy.EMAIL_ADDRESS,
        Policy.URL,
        Policy.USERNAME,
        Policy.FILENAME,
        Policy.ORGANIZATION,
        Policy.ORGANIZATION_MEDICAL_FACILITY,
        Policy.EVENT,
        Policy.PRODUCT,
        Policy.MEDICAL_PROCESS,
    }
)
_WITHIN_WHOLES: Final = frozenset(
    {
        Policy.PERSON_NAME,
        Policy.NATIONALITY,
        Policy.RELIGION,
        Policy.LANGUAGE,
        Policy.POLITICAL_AFFILIATION,
        Policy.OCCUPATION,
        Policy.LOCATION,
        Policy.MEDICAL_CONDITION,
        *narrower(Policy.LOCATION),
        *narrower(Policy.GENDER_SEXUALITY),
        *_WHOLES,
    }
)
"""What is only a part of the name when it lies inside something of `_WHOLES`: the town in "Boston Marathon"."""


def select(hits: Sequence[Hit], policies: Collection[Policy]) -> list[tuple[Hit, Policy]]:
    """Each hit with the first of its policies that is selected, itself or as a kind of it; hits with none are dropped.

    Dropped as well: what lies wholly inside another finding of the same policy, a number_sequence whose pieces all
    carry a more telling finding, and a part of a name ("Boston" in "Boston Marathon").
    """
    chosen: list[tuple[Hit, Policy]] = []
    sequences: list[tuple[Hit, Policy]] = []
    told: set[int] = set()
    for hit in hits:
        policy = _selected(hit, policies)
        if policy is None:
            continue
        if policy is Policy.NUMBER_SEQUENCE:
            sequences.append((hit, policy))
        else:
            chosen.append((hit, policy))
            if policy not in _BESIDE_SEQUENCES:
                told.update(range(hit.first, hit.end))
    chosen.extend(
        (hit, policy) for hit, policy in sequences if any(place not in told for place in range(hit.first, hit.end))
    )
    wholes = [hit for hit, policy in chosen if policy in _WHOLES]
    if wholes:
        chosen = [
            (hit, policy)
            for hit, policy in chosen
            if policy not in _WITHIN_WHOLES or not any(_inside(hit, whole) for whole in wholes if whole is not hit)
        ]
    return [
        (hit, policy)
        for index, (hit, policy) in enumerate(chosen)
        if not any(
            other is policy
            and wide.first <= hit.first
            and hit.end <= wide.end
            and (wide.end - wide.first > hit.end - hit.first or number < index)
            for number, (wide, other) in enumerate(chosen)
            if number != index
        )
    ]


def _selected(hit: Hit, policies: Collection[Policy]) -> Policy | None:
    for policy in hit.policies:
        if policy in WIDER:
            reported = reported_as(policy, policies)
            if reported is not None:
                return reported
        elif policy in policies:
            return policy
    return None


def _inside(hit: Hit, whole: Hit) -> bool:
    """Whether `hit` is a part of the longer `whole`."""
    return whole.first <= hit.first and hit.end <= whole.end and whole.end - whole.first > hit.end - hit.first
