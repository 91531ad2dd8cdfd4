"""Properties of the network emulator and of the media server behind it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.network import PRESETS, Network, carry, forward, spoken_at

PACKET_S = 0.02
SHARE = st.floats(0.0, 1.0)
NETWORKS = st.builds(
    Network,
    delay_ms=st.floats(0.0, 200.0),
    jitter_ms=st.floats(0.0, 100.0),
    jitter_shape=st.floats(0.1, 5.0),
    loss=SHARE,
    burst_begins=SHARE,
    burst_ends=SHARE,
    burst_loss=SHARE,
    reorder=SHARE,
    reorder_ms=st.floats(0.0, 100.0),
    drift_ppm=st.floats(-500.0, 500.0),
)
SEEDS = st.integers(0, 2**31 - 1)
COUNTS = st.integers(0, 120)


@given(NETWORKS, SEEDS, COUNTS)
def test_the_same_seed_gives_the_same_network(network: Network, seed: int, count: int) -> None:
    sent = spoken_at(count, PACKET_S, network)
    np.testing.assert_array_equal(carry(sent, network, seed), carry(sent, network, seed))


@given(NETWORKS, SEEDS, COUNTS)
def test_no_packet_arrives_before_the_shortest_way(network: Network, seed: int, count: int) -> None:
    sent = spoken_at(count, PACKET_S, network)
    arrived = carry(sent, network, seed)
    there = ~np.isnan(arrived)
    assert np.all(arrived[there] >= sent[there] + network.delay_ms / 1000 - 1e-9)


@given(NETWORKS, SEEDS, COUNTS)
def test_every_packet_is_passed_on_once_and_in_order(network: Network, seed: int, count: int) -> None:
    arrived = carry(spoken_at(count, PACKET_S, network), network, seed)
    passed, lost = forward(arrived, PACKET_S)
    assert len(passed) == len(lost) == count
    assert np.all(np.diff(passed) >= 0)
    assert np.all(np.isfinite(passed))


@given(NETWORKS, SEEDS, COUNTS)
def test_what_never_arrived_is_silence_and_nothing_is_passed_on_before_it_arrived(
    network: Network, seed: int, count: int
) -> None:
    arrived = carry(spoken_at(count, PACKET_S, network), network, seed)
    passed, lost = forward(arrived, PACKET_S)
    assert np.all(lost[np.isnan(arrived)])
    assert np.all(passed[~lost] >= arrived[~lost])


@given(st.lists(st.floats(0.0, 5.0), max_size=60))
def test_with_patience_enough_nothing_that_arrives_is_lost(arrivals: list[float]) -> None:
    _, lost = forward(np.array(arrivals), PACKET_S, patience_s=10.0)
    assert not lost.any()


def test_a_clean_network_changes_nothing() -> None:
    sent = spoken_at(50, PACKET_S, PRESETS["clean"])
    passed, lost = forward(carry(sent, PRESETS["clean"], 1), PACKET_S)
    np.testing.assert_allclose(passed, np.arange(50) * PACKET_S)
    assert not lost.any()


@given(st.floats(-1000.0, 1000.0))
def test_a_clock_that_is_too_fast_sends_sooner(ppm: float) -> None:
    last = spoken_at(50_001, PACKET_S, Network(drift_ppm=ppm))[-1]
    assert last == pytest.approx(1000.0 - ppm * 0.001, abs=0.002)


def test_random_loss_is_as_frequent_as_asked() -> None:
    lost = np.isnan(carry(np.arange(20_000) * PACKET_S, Network(loss=0.05), 3))
    assert lost.mean() == pytest.approx(0.05, abs=0.01)


def test_losses_in_bursts_come_together() -> None:
    network = Network(burst_begins=0.01, burst_ends=0.2, burst_loss=1.0)
    lost = np.isnan(carry(np.arange(20_000) * PACKET_S, network, 3))
    begins = np.count_nonzero(lost[1:] & ~lost[:-1])
    assert lost.mean() == pytest.approx(0.01 / 0.21, abs=0.015)
    assert np.count_nonzero(lost) / begins == pytest.approx(5.0, abs=1.5)


def test_the_mean_of_the_jitter_is_as_asked_where_packets_do_not_queue() -> None:
    sent = np.arange(20_000) * 10.0
    late = carry(sent, Network(delay_ms=10, jitter_ms=20), 3) - sent
    assert late.mean() == pytest.approx(0.03, abs=0.002)


def test_some_packets_are_overtaken() -> None:
    sent = np.arange(1000) * PACKET_S
    arrived = carry(sent, Network(reorder=0.1, reorder_ms=50), 3)
    assert np.any(np.diff(arrived) < 0)
    assert not np.any(np.diff(forward(arrived, PACKET_S, patience_s=0.06)[0]) < 0)


@pytest.mark.parametrize("wrong", [{"loss": 1.5}, {"jitter_ms": -1.0}, {"jitter_shape": 0.0}, {"drift_ppm": 2e5}])
def test_impossible_networks_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="network|clock"):
        Network(**wrong)
