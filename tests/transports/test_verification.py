"""A share of the calls is heard again, in another process, and nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.core.hypothesis import Word
from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from gateway.errors import EngineError
from gateway.media.encoding import Encoding, encode
from gateway.media.timeline import Span
from gateway.observe.metrics import Metrics
from gateway.pii.detector import RuleDetector
from gateway.transports.verification import MOST_WAITING, PIECE_S, Echo, LiveVerification
from gateway.verify.check import Verifier
from gateway.verify.process import Piece, hear

ALL = frozenset(Policy)
RATE = 8000
SETTINGS = SessionSettings(ALL, Encoding.MULAW, RATE, 2)


class SixSevens:
    """Hears a number at the beginning of every leg that is not silent there."""

    name = "sevens"

    def open(self, sample_rate: int) -> SixSevens:
        return self

    def feed(self, samples: NDArray[np.int16], final: bool) -> list[Word]:
        if not len(samples) or not samples[:100].any():
            return []
        return [Word("…", Span(at * 400, at * 400 + 300), 0.9, True, "7") for at in range(6)]


def six_sevens() -> Verifier:
    return Verifier([SixSevens()], RuleDetector(ALL))


def no_models() -> Verifier:
    raise EngineError("there is no model")


def piece(loud: bool = True) -> Piece:
    samples = np.full(RATE, 1000 if loud else 0, dtype=np.int16)
    return Piece(Encoding.MULAW, RATE, ALL, (encode(samples, Encoding.MULAW), encode(samples * 0, Encoding.MULAW)))


def value(metrics: Metrics, name: str) -> float:
    lines = metrics.render().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f"gateway_{name}"))


def test_a_call_is_cut_into_pieces() -> None:
    cut: list[tuple[Piece, int]] = []
    echo = Echo(SETTINGS, lambda piece, start_ms: cut.append((piece, start_ms)))
    left = bytes(range(256)) * 200
    for start in range(0, len(left), 160):
        for _ in range(10):
            echo.take((left[start : start + 160], b"\xff" * len(left[start : start + 160])))
    echo.end()
    assert [start for _, start in cut] == [20_000 * at for at in range(len(cut))]
    assert [one.seconds for one, _ in cut[:-1]] == [2 * PIECE_S] * (len(cut) - 1)
    assert sum(len(one.legs[0]) for one, _ in cut) == 10 * len(left)
    assert set(b"".join(one.legs[1] for one, _ in cut)) == {255}
    cut.clear()
    echo.take((b"\xff" * 100, b"\xff" * 100))
    echo.end()
    assert not cut, "nothing is understood in so little"


def test_a_piece_is_heard() -> None:
    (one,) = hear(six_sevens(), piece())
    assert (one.leg, one.policy, one.start_ms) == (0, Policy.NUMBER_SEQUENCE, 0)
    assert hear(six_sevens(), piece(loud=False)) == ()
    assert "legs" not in repr(piece())


def test_a_share_is_chosen() -> None:
    async def chosen(share: float, chance: float) -> bool:
        verification = LiveVerification(share, Metrics(), six_sevens, lambda: chance)
        echo = verification.choose("call", SETTINGS)
        await verification.stop()
        return echo is not None

    assert asyncio.run(chosen(0.05, 0.04))
    assert not asyncio.run(chosen(0.05, 0.05))
    assert asyncio.run(chosen(1.0, 0.999))


def run_pieces(create: Callable[[], Verifier], count: int) -> Metrics:
    metrics = Metrics()

    async def run() -> None:
        verification = LiveVerification(1.0, metrics, create)
        echo = verification.choose("call", SETTINGS)
        assert echo
        for _ in range(count):
            echo.take(piece().legs)
            echo.end()
        await verification.settled()
        await verification.stop()

    asyncio.run(run())
    return metrics


@pytest.mark.slow
def test_what_is_heard_is_counted_and_what_is_too_much_is_dropped() -> None:
    metrics = run_pieces(six_sevens, MOST_WAITING + 2)
    assert value(metrics, "verification_seconds_total") == 2 * MOST_WAITING
    assert value(metrics, "verification_dropped_seconds_total") == 4
    assert value(metrics, 'verification_findings_total{policy="number_sequence"}') == MOST_WAITING


@pytest.mark.slow
def test_a_process_that_ends_loses_only_its_piece() -> None:
    metrics = run_pieces(no_models, 1)
    assert value(metrics, "verification_seconds_total") == 0
    assert value(metrics, "verification_dropped_seconds_total") == 2
