"""The policy names and how they relate."""

from __future__ import annotations

from gateway.core.policy import DEFAULT_POLICIES, WIDER, Policy, narrower, reported_as


def test_there_are_65_names_and_all_leaves_out_what_is_rarely_private() -> None:
    assert len(Policy) == 65
    assert len(DEFAULT_POLICIES) == 37
    assert Policy.PASSWORD in DEFAULT_POLICIES
    assert DEFAULT_POLICIES.isdisjoint({Policy.DURATION, Policy.DAY, *WIDER})


def test_every_chain_of_wider_names_ends() -> None:
    for policy in WIDER:
        steps = [policy]
        while steps[-1] in WIDER:
            steps.append(WIDER[steps[-1]])
            assert len(steps) == len(set(steps))


def test_the_widest_chosen_name_is_reported() -> None:
    street, address, place = Policy.LOCATION_ADDRESS_STREET, Policy.LOCATION_ADDRESS, Policy.LOCATION
    assert reported_as(street, {place}) is place
    assert reported_as(street, {street, address}) is address
    assert reported_as(street, {street, place}) is place
    assert reported_as(street, {Policy.LOCATION_CITY}) is None
    assert reported_as(place, {street}) is None


def test_narrower_names_at_any_depth() -> None:
    assert Policy.LOCATION_ADDRESS_STREET in narrower(Policy.LOCATION)
    assert narrower(Policy.LOCATION_CITY) == frozenset()
