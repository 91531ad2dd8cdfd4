"""The resampler's stream against the whole signal."""

from __future__ import annotations

from math import gcd

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.media.resample import CONTEXT_MS, StreamResampler

RATES = (4_000, 6_000, 8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000)
ODD_RATES = (5_512, 8_012, 11_127, 22_255, 44_101)
"""The common period with 16 kHz is longer than 50 ms."""


def _noise(samples: int) -> np.ndarray:
    return (np.random.default_rng(1).standard_normal(samples) * 5_000).astype(np.int16)


@pytest.mark.parametrize("rate", RATES)
def test_pieces_make_the_whole(rate: int) -> None:
    signal = _noise(rate)
    resampler = StreamResampler(rate, 16_000)
    step = rate // 7
    pieces = [resampler.feed(signal[at : at + step], at + step >= len(signal)) for at in range(0, len(signal), step)]
    floats = signal.astype(np.float32) / 32_768
    whole = floats if rate == 16_000 else soxr.resample(floats, rate, 16_000, quality="LQ")
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-4)


@pytest.mark.parametrize("rate", ODD_RATES)
def test_pieces_of_odd_rates_make_the_whole_but_for_the_place_of_the_cuts(rate: int) -> None:
    seconds = np.arange(5 * rate) / rate
    signal = np.rint(20_000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    resampler = StreamResampler(rate, 16_000)
    step = rate // 7
    pieces = [resampler.feed(signal[at : at + step], at + step >= len(signal)) for at in range(0, len(signal), step)]
    output = np.concatenate(pieces)
    assert abs(len(output) - 5 * 16_000) <= 1
    true = 20_000 / 32_768 * np.sin(2 * np.pi * 440 * np.arange(len(output)) / 16_000)
    half_a_sample = 2 * np.pi * 440 * 0.6 / 16_000
    assert np.abs(output - true)[200:-200].max() < half_a_sample


@pytest.mark.parametrize("rate", RATES)
def test_the_delay_is_short(rate: int) -> None:
    resampler = StreamResampler(rate, 16_000)
    given_out = sum(len(resampler.feed(_noise(rate // 10))) for _ in range(10))
    assert given_out >= 16_000 * (rate // 10 * 10) // rate - 16 * (CONTEXT_MS + 1) - 2 * 16_000 // gcd(rate, 16_000)


@pytest.mark.parametrize("rate", ODD_RATES)
def test_the_delay_is_short_at_odd_rates(rate: int) -> None:
    resampler = StreamResampler(rate, 16_000)
    given_out = sum(len(resampler.feed(_noise(rate // 10))) for _ in range(10))
    assert given_out >= 16_000 - 16 * 25


def test_a_click_stays_where_it_was() -> None:
    signal = np.zeros(4_000, dtype=np.int16)
    signal[2_000] = 20_000
    resampler = StreamResampler(8_000, 16_000)
    output = np.concatenate([resampler.feed(signal[:1_999]), resampler.feed(signal[1_999:], final=True)])
    assert int(np.abs(output).argmax()) == 4_000


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 700), max_size=12), rate=st.sampled_from(RATES + ODD_RATES))
def test_every_chunking_gives_the_same_length(sizes: list[int], rate: int) -> None:
    resampler = StreamResampler(rate, 16_000)
    signal = _noise(sum(sizes) + 1)
    count = 0
    at = 0
    for size in sizes:
        count += len(resampler.feed(signal[at : at + size]))
        at += size
    count += len(resampler.feed(signal[at:], final=True))
    assert abs(count - len(signal) * 16_000 / rate) <= 1
