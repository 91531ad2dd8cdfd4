"""The trial that says what a leg costs."""

from __future__ import annotations

from gateway.runtime.trial import leg_cost
from tests.workers.failing import nothing_found, working


def test_a_recogniser_that_does_nothing_costs_next_to_nothing():
    assert 0 < leg_cost(working(), nothing_found) < 0.02
