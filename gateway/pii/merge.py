"""From everything the rules found to what is answered for the selected policies."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.core.policy import Policy
from gateway.pii.rules.reading import Hit


def select(hits: Sequence[Hit], policies: Collection[Policy]) -> list[tuple[Hit, Policy]]:
    """Each hit with the first of its policies that is selected; hits with none are dropped.

    What lies wholly inside another finding of the same policy is dropped, and so is a number_sequence whose pieces
    all carry a more telling finding, and a name inside an e-mail address.
    """
    chosen: list[tuple[Hit, Policy]] = []
    sequences: list[tuple[Hit, Policy]] = []
    told: set[int] = set()
    for hit in hits:
        policy = next((policy for policy in hit.policies if policy in policies), None)
        if policy is None:
            continue
        if policy is Policy.NUMBER_SEQUENCE:
            sequences.append((hit, policy))
        else:
            chosen.append((hit, policy))
            told.update(range(hit.first, hit.end))
    chosen.extend(
        (hit, policy) for hit, policy in sequences if any(place not in told for place in range(hit.first, hit.end))
    )
    whole = [hit for hit, policy in chosen if policy is Policy.EMAIL_ADDRESS]
    chosen = [
        (hit, policy)
        for hit, policy in chosen
        if policy is not Policy.PERSON_NAME or not any(e.first <= hit.first and hit.end <= e.end for e in whole)
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
