from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.media.mask import FADE_MS, NOISE_RMS, TONE_HZ, TONE_PEAK, Masking, render
from gateway.media.timeline import Span

RATES = [8000, 16000, 22050, 24000, 44100, 48000]
maskings = st.sampled_from(list(Masking))
rates = st.sampled_from(RATES)


def whole(masking: Masking, span: Span, rate: int) -> np.ndarray:
    return render(masking, span, span.start, span.end, rate)


def runs(longest: int = 6000) -> st.SearchStrategy[Span]:
    return st.builds(lambda start, length: Span(start, start + length), st.integers(0, 10**10), st.integers(0, longest))


@given(maskings, rates, runs(), st.data())
def test_pieces_joined_are_the_run_rendered_at_once(masking, rate, run, data):
    cuts = sorted(data.draw(st.lists(st.integers(run.start, run.end), max_size=5)))
    edges = [run.start, *cuts, run.end]
    fade = rate * FADE_MS // 1000
    pieces = []
    for start, end in pairwise(edges):
        known = run.end if end > run.end - fade or data.draw(st.booleans()) else None
        pieces.append(render(masking, Span(start, end), run.start, known, rate))
    assert np.array_equal(np.concatenate(pieces), whole(masking, run, rate))


@given(maskings, rates, runs())
def test_a_mask_has_the_shape_of_its_piece(masking, rate, run):
    mask = whole(masking, run, rate)
    assert mask.shape == (len(run),)
    assert mask.dtype == np.int16


@given(st.sampled_from([Masking.TONE, Masking.NOISE]), rates, runs())
def test_no_click_inside_or_at_the_edges(masking, rate, run):
    around = np.concatenate([[0], whole(masking, run, rate).astype(int), [0]])
    loudest = TONE_PEAK if masking is Masking.TONE else 6 * NOISE_RMS
    steepest = 2 * np.pi * TONE_HZ / rate * loudest + 1
    assert np.max(np.abs(np.diff(around))) <= steepest
    assert np.abs(around[1]) <= 0.02 * loudest


@given(rates, runs())
def test_silence_is_silent(rate, run):
    assert not whole(Masking.SILENCE, run, rate).any()


@pytest.mark.parametrize("rate", RATES)
def test_the_tone_is_1_khz_at_minus_20_db(rate):
    mask = whole(Masking.TONE, Span(rate, 2 * rate), rate)
    spectrum = np.abs(np.fft.rfft(mask))
    assert np.argmax(spectrum) == TONE_HZ
    assert 20 * np.log10(np.sqrt(2 * np.mean(mask.astype(float) ** 2)) / 32768) == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize("rate", RATES)
def test_the_noise_is_shaped_like_speech_and_never_clips(rate):
    mask = whole(Masking.NOISE, Span(0, 2 * rate), rate).astype(float)
    assert 20 * np.log10(np.sqrt(np.mean(mask**2)) / 32768) == pytest.approx(-26, abs=0.3)
    assert np.max(np.abs(mask)) < 32767 / 2
    power = np.abs(np.fft.rfft(mask)) ** 2
    hertz = np.fft.rfftfreq(len(mask), 1 / rate)

    def level(low: int, high: int) -> float:
        return 10 * np.log10(np.mean(power[(hertz >= low) & (hertz < high)]))

    assert level(200, 400) - level(1800, 2200) == pytest.approx(18, abs=2)
    assert level(200, 400) - level(10, 40) > 12


@pytest.mark.parametrize("masking", Masking)
@settings(max_examples=10)
@given(start=st.integers(0, 10**9), seed=st.integers(0, 2**32 - 1))
def test_what_is_covered_does_not_remain(masking, start, seed):
    """Correlation with noise, and with noise filtered and gated like speech, stays under 0.1 on average."""
    rate, random = 8000, np.random.default_rng(seed)
    mask = whole(masking, Span(start, start + rate), rate).astype(float)
    found = []
    for _ in range(10):
        noise = random.standard_normal(rate)
        voiced = np.convolve(noise, np.exp(-np.arange(40) / 8) * np.cos(np.arange(40) * 0.4), "same")
        speech = voiced * np.repeat(random.random(rate // 800), 800)
        for heard in (noise, speech):
            both = np.linalg.norm(mask) * np.linalg.norm(heard)
            found.append(0.0 if both == 0 else float(np.abs(mask @ heard)) / both)
    assert np.mean(found) < 0.1


def test_short_runs_are_faded_from_both_sides():
    mask = whole(Masking.TONE, Span(2, 12), 8000)
    assert np.max(np.abs(mask)) < TONE_PEAK / 4


def test_a_run_that_may_grow_does_not_fade_out():
    mask = render(Masking.TONE, Span(800, 1600), 0, None, 8000)
    assert np.array_equal(mask[-8:], mask[:8])


@pytest.mark.parametrize("piece", [Span(9, 20), Span(10, 31), Span(40, 50)])
def test_a_piece_outside_its_run_is_refused(piece):
    with pytest.raises(ValueError, match="not inside its run"):
        render(Masking.SILENCE, piece, 10, 30, 8000)
