"""The real ears, on the bundled call."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

import gateway
from gateway.core.policy import DEFAULT_POLICIES
from gateway.media.timeline import SpanSet
from gateway.verify.assembly import create_verifier
from gateway.verify.suspicion import Level

DATA = Path(gateway.__file__).parent / "data"
NUMBERS = {"phone_number", "credit_card_number"}


@pytest.mark.slow
@pytest.mark.model
def test_numbers_left_open_are_heard_and_covered_ones_are_not() -> None:
    """The stretch of the sample call in which a phone number and a card number are told."""
    labels = json.loads((DATA / "sample_call.labels.json").read_text())
    with wave.open(str(DATA / "sample_call.wav")) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    begin, end = 18, 37
    caller = samples[begin * rate : end * rate, 1:].copy()
    spans = [
        (span["start"] - begin, span["end"] - begin)
        for turn in labels["turns"]
        for span in turn["spans"]
        if turn["channel"] == 1 and span["type"] in NUMBERS and begin < span["start"] < end
    ]
    verifier = create_verifier()
    check = verifier.begin(rate, 1, DEFAULT_POLICIES)
    check.feed(caller)
    heard = check.finish()
    assert heard.heard_by == ("pocketsphinx", "number_head")
    assert [one.policy for one in heard.at_least(Level.LIKELY)] == ["phone_number", "credit_card_number"]
    for one, (start, stop) in zip(heard.at_least(Level.LIKELY), spans, strict=True):
        assert one.start_ms == pytest.approx(start * 1000, abs=300)
        assert one.end_ms == pytest.approx(stop * 1000, abs=300)

    for start, stop in spans:
        caller[int((start - 0.1) * rate) : int((stop + 0.1) * rate)] = 0
    check = verifier.begin(rate, 1, DEFAULT_POLICIES, [SpanSet()])
    check.feed(caller)
    assert check.finish().suspicions == ()
