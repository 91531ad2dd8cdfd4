"""Who calls, and how: the lines of a plateau, each of them one call after another, planned before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np

from gateway.core.settings import Captions, SessionSettings
from gateway.core.timing import Timing
from gateway.media.encoding import Encoding
from gateway.wire.options import parse_options, query_of
from loadtest.conversation import Conversation, Library, compose
from loadtest.network import Network

PAUSE_BETWEEN_CALLS_S = 1.0
"""From the end of a call (its last audio came back) to the next one on the same line."""
SHORTEST_CALL_MS = 5_000


class Scenario(StrEnum):
    """How a gateway is used."""

    TELEPHONE = "telephone"
    WEBRTC = "webrtc"
    CAPTIONS = "captions"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class CallKind:
    """One way to call: the options of a call as a query string, the length of a message, the network in between."""

    name: Scenario
    query: str
    message_ms: int
    network: Network

    @property
    def settings(self) -> SessionSettings:
        """The settings of a call, as the gateway reads them."""
        return _settings(self.query)

    @property
    def legs(self) -> int:
        """How many legs a call has."""
        return self.settings.channels


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One call of a line. Times of the plateau, in seconds from its beginning; `counted_ms`, of the call's media."""

    line: int
    number: int
    kind: CallKind
    start_s: float
    conversation: Conversation
    network_seed: int
    counted_ms: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Timetable:
    """A plateau: what comes in the first `warmup_s` is not counted, `counted_s` more are. A call lasts `call_s`."""

    warmup_s: float
    counted_s: float
    call_s: float
    stagger_s: float

    @property
    def length_s(self) -> float:
        """From the beginning until nobody speaks any more."""
        return self.warmup_s + self.counted_s


def call_kinds(
    scenario: Scenario, wanted: SessionSettings, network: Network, encoding: Encoding | None = None
) -> tuple[CallKind, ...]:
    """The kinds of calls of a scenario. `wanted` brings policies and lookahead, `encoding` overrides the usual one.

    `network` is what WebRTC calls come over. The others come over a wire, but their clocks drift as much.
    """
    wire = Network(drift_ppm=network.drift_ppm)
    telephone = replace(wanted, encoding=encoding or Encoding.MULAW, sample_rate=8_000, channels=2)
    linear = encoding or Encoding.PCM_S16LE
    webrtc = replace(wanted, encoding=linear, sample_rate=48_000, channels=1)
    captions = replace(wanted, encoding=linear, sample_rate=16_000, channels=1, captions=Captions.PARTIAL)
    kinds = {
        Scenario.TELEPHONE: CallKind(Scenario.TELEPHONE, query_of(telephone), 20, wire),
        Scenario.WEBRTC: CallKind(Scenario.WEBRTC, query_of(webrtc), 20, network),
        Scenario.CAPTIONS: CallKind(Scenario.CAPTIONS, query_of(captions), 100, wire),
    }
    return tuple(kinds.values()) if scenario is Scenario.MIXED else (kinds[scenario],)


def kinds_of_lines(kinds: tuple[CallKind, ...], legs: int) -> list[CallKind]:
    """The kind of each line, so that all lines together have `legs` legs, every kind as many as the others.

    An odd leg that is too few for a call of two parties goes to another kind, or is left out when there is none.
    """
    used = dict.fromkeys(kinds, 0)
    lines: list[CallKind] = []
    left = legs
    while fitting := [kind for kind in kinds if kind.legs <= left]:
        kind = min(fitting, key=lambda one: used[one])
        used[kind] += kind.legs
        left -= kind.legs
        lines.append(kind)
    return lines


def plan_line(
    line: int, kind: CallKind, timetable: Timetable, library: Library, talk_share: float, seed: int
) -> list[CallPlan]:
    """The calls of a line: the first starts somewhere in the stagger, the last one ends with the plateau."""
    random = np.random.default_rng([seed, line])
    start_s = float(random.uniform(0.0, timetable.stagger_s))
    between_s = kind.settings.lookahead_ms / 1000 + PAUSE_BETWEEN_CALLS_S
    plans: list[CallPlan] = []
    while (left_ms := _grid(timetable.length_s - start_s, kind)) >= SHORTEST_CALL_MS:
        length_ms = min(left_ms, _grid(timetable.call_s, kind))
        number = len(plans)
        counted_from_ms = max(0, round((timetable.warmup_s - start_s) * 1000))
        plans.append(
            CallPlan(
                line,
                number,
                kind,
                start_s,
                compose(library, kind.legs, length_ms, talk_share, (seed, line, number)),
                int(random.integers(1 << 31)),
                (min(counted_from_ms, length_ms), length_ms),
            )
        )
        start_s += length_ms / 1000 + between_s
    return plans


def stagger_of(lookahead_ms: int, lines: int) -> float:
    """Over how many seconds the lines begin: two recognition steps, and more for many lines."""
    return 2 * Timing.for_lookahead(lookahead_ms).step / 1000 + 0.02 * lines


@lru_cache(maxsize=16)
def _settings(query: str) -> SessionSettings:
    return parse_options(query)


def _grid(seconds: float, kind: CallKind) -> int:
    """Milliseconds, rounded down to whole messages."""
    return int(seconds * 1000) // kind.message_ms * kind.message_ms
