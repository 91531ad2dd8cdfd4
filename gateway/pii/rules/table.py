"""The rules that need nothing from other rules, each with the policies it finds something of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.core.policy import Policy
from gateway.pii.rules import listed, medical, organizations, secrets, web
from gateway.pii.rules.reading import Found, Reading

Rule = Callable[[Reading], Found]

INDEPENDENT_RULES: Final[tuple[tuple[frozenset[Policy], Rule], ...]] = (
    (listed.POLICIES, listed.find),
    (medical.POLICIES, medical.find),
    (organizations.POLICIES, organizations.find),
    (secrets.POLICIES, secrets.find),
    (web.POLICIES, web.find),
)
