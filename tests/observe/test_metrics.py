"""Metrics: what is counted, under closed lists of labels."""

import re

from gateway.core.events import Statistics, Verdict
from gateway.core.policy import Policy
from gateway.observe.metrics import OWN_TERMS, UNDECIDED, Metrics, Outcome


def test_a_call_is_counted() -> None:
    metrics = Metrics()
    metrics.call_began()
    assert b"gateway_calls_active 1.0" in metrics.render()
    metrics.audio_received(2.5)
    metrics.covered(Policy.DATE, Verdict.BLEEPED, 0.5)
    metrics.covered(None, Verdict.COVERED_LATE, 0.25)
    metrics.step_took(0.07)
    metrics.worker_restarted("died")
    metrics.loop_lagged(0.003)
    metrics.call_refused("bad_option")
    metrics.call_ended(Outcome.COMPLETED, Statistics(2500, 750, 250, {"date": 1}, 2000.0, 2005.0, 4, 2, 1))
    text = metrics.render().decode()
    for line in (
        "gateway_calls_active 0.0",
        'gateway_calls_total{outcome="completed"} 1.0',
        'gateway_calls_total{outcome="peer_gone"} 0.0',
        'gateway_calls_refused_total{code="bad_option"} 1.0',
        "gateway_audio_in_seconds_total 2.5",
        'gateway_redacted_seconds_total{policy="date"} 0.5',
        'gateway_redacted_seconds_total{policy="undecided"} 0.25',
        "gateway_covered_late_seconds_total 0.25",
        'gateway_added_delay_seconds_bucket{le="2.01"} 1.0',
        'gateway_added_delay_seconds_bucket{le="2.0"} 0.0',
        'gateway_recognition_step_seconds_bucket{le="0.1"} 1.0',
        "gateway_recognition_steps_skipped_total 2.0",
        "gateway_recognitions_lost_total 1.0",
        'gateway_worker_restarts_total{reason="died"} 1.0',
        'gateway_event_loop_lag_seconds_bucket{le="0.005"} 1.0',
    ):
        assert line in text


def test_servers_do_not_share_counts() -> None:
    first, second = Metrics(), Metrics()
    first.call_began()
    assert b"gateway_calls_active 0.0" in second.render()


def test_labels_come_from_closed_lists() -> None:
    text = Metrics().render().decode()
    allowed = {*Outcome, *Policy, UNDECIDED, OWN_TERMS}
    for name, value in re.findall(r'(\w+)="([^"]*)"', text):
        assert name == "le" or value in allowed
