"""The rules that need nothing from other rules, each with the policies it finds something of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.core.policy import Policy
from gateway.pii.rules import (
    answers,
    bodies,
    calendar_words,
    clock,
    landmarks,
    listed,
    location_parts,
    medical,
    naming,
    organizations,
    secrets,
    web,
)
from gateway.pii.rules.reading import Found, Reading

Rule = Callable[[Reading], Found]

INDEPENDENT_RULES: Final[tuple[tuple[frozenset[Policy], Rule], ...]] = (
    (listed.POLICIES, listed.find),
    (medical.POLICIES, medical.find),
    (organizations.POLICIES, organizations.find),
    (naming.POLICIES, naming.find),
    (answers.POLICIES, answers.find),
    (secrets.POLICIES, secrets.find),
    (web.POLICIES, web.find),
    (clock.POLICIES, clock.find),
    (calendar_words.POLICIES, calendar_words.find),
    (bodies.POLICIES, bodies.find),
    (landmarks.POLICIES, landmarks.find),
    (frozenset({Policy.LOCATION_COORDINATE}), location_parts.find_coordinates),
)
