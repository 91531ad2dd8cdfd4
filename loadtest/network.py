"""A network between a caller and the media server that forwards the call: seeded, and without a clock of its own.

Packets with send times go in, arrival times come out (`carry`); `forward` is what a media server makes of them: audio
in order, with silence for what was lost. All times are in seconds from any one moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """What happens to packets. Milliseconds, shares 0..1, and parts per million.

    `delay_ms`: what every packet takes. `jitter_ms`: the mean of what comes on top, spread as a gamma distribution of
    `jitter_shape` (small: seldom, but much); it keeps the order, as a queue does. `loss`: lost at random. Bursts
    follow Gilbert and Elliott: after a packet in the good state a burst begins with probability `burst_begins`, in it
    `burst_loss` of the packets are lost, and after each it ends with probability `burst_ends`. `reorder`: the share of
    packets that take `reorder_ms` more and are overtaken. `drift_ppm`: how much too fast the caller's clock is.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    jitter_shape: float = 0.5
    loss: float = 0.0
    burst_begins: float = 0.0
    burst_ends: float = 0.2
    burst_loss: float = 0.7
    reorder: float = 0.0
    reorder_ms: float = 30.0
    drift_ppm: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.loss, self.burst_begins, self.burst_ends, self.burst_loss, self.reorder)
        if not all(0.0 <= share <= 1.0 for share in shares):
            raise ValueError("shares and probabilities of a network are 0..1")
        if min(self.delay_ms, self.jitter_ms, self.reorder_ms) < 0.0 or self.jitter_shape <= 0.0:
            raise ValueError("delay, jitter and reordering of a network are not negative")
        if abs(self.drift_ppm) > 100_000.0:
            raise ValueError("a clock drifts by at most 100000 ppm")

    @property
    def clean(self) -> bool:
        """Whether packets arrive as they are sent."""
        return not (self.delay_ms or self.jitter_ms or self.loss or self.burst_begins or self.reorder or self.drift_ppm)


PRESETS: Mapping[str, Network] = MappingProxyType(
    {
        "clean": Network(),
        "wifi": Network(delay_ms=5, jitter_ms=4, jitter_shape=0.4, loss=0.002, burst_begins=0.001, drift_ppm=30),
        "lte": Network(delay_ms=35, jitter_ms=8, jitter_shape=0.6, loss=0.005, burst_begins=0.002, drift_ppm=-40),
        "bad": Network(
            delay_ms=60,
            jitter_ms=25,
            jitter_shape=0.5,
            loss=0.02,
            burst_begins=0.01,
            burst_ends=0.15,
            reorder=0.01,
            drift_ppm=100,
        ),
    }
)


def spoken_at(count: int, packet_s: float, network: Network) -> Seconds:
    """When each packet is sent, by a caller whose clock may be wrong: shape [count], from 0 on."""
    return np.arange(count, dtype=np.float64) * np.float64(packet_s / (1.0 + network.drift_ppm * 1e-6))


def carry(sent: Seconds, network: Network, seed: int) -> Seconds:
    """When each packet arrives, shape as `sent`; NaN for those that never do."""
    random = np.random.default_rng(seed)
    count = len(sent)
    queued = random.gamma(network.jitter_shape, 1.0 / network.jitter_shape, count) * network.jitter_ms / 1000.0
    arrived = np.maximum.accumulate(sent + network.delay_ms / 1000.0 + queued) if count else sent.copy()
    overtaken = random.random(count) < network.reorder
    arrived[overtaken] += network.reorder_ms / 1000.0
    arrived[_lost(count, network, random)] = np.nan
    return arrived


def _lost(count: int, network: Network, random: np.random.Generator) -> NDArray[np.bool_]:
    chance, change = random.random(count), random.random(count)
    bursting = np.zeros(count, dtype=np.bool_)
    state = False
    for number in range(count):
        bursting[number] = state
        state = change[number] >= network.burst_ends if state else change[number] < network.burst_begins
    lost: NDArray[np.bool_] = chance < np.where(bursting, max(network.loss, network.burst_loss), network.loss)
    return lost


def forward(arrived: Seconds, packet_s: float, patience_s: float = 0.04) -> tuple[Seconds, NDArray[np.bool_]]:
    """When a media server passes each packet on, in order, and which of them it passes on as silence.

    It waits `patience_s` for a packet after one behind it has arrived, then takes it for lost. Nothing is behind the
    last ones: they are given up a packet's length after the one before.
    """
    count = len(arrived)
    known = np.where(np.isnan(arrived), np.inf, arrived)
    behind = np.full(count, np.inf)
    if count > 1:
        behind[:-1] = np.minimum.accumulate(known[::-1])[::-1][1:]
    given_up = behind + patience_s
    lost: NDArray[np.bool_] = known > given_up
    passed = np.zeros(count)
    before = 0.0
    for number in range(count):
        at = min(known[number], given_up[number])
        if np.isinf(at):
            at = before + packet_s
            lost[number] = True
        before = passed[number] = max(before, at)
    return passed, lost
