"""Labelled sets are read as they are written."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from gateway.core.policy import Policy
from loadtest.labels import DEVSET, SAMPLE, SET_NAMES, LabelledSpan, clip_from_row, load_set

ROW = {
    "id": "an4_x",
    "audio": "x.wav",
    "sample_rate": 16000,
    "channels": 1,
    "turns": [
        {
            "channel": 0,
            "speaker": "caller",
            "words": [{"w": "six", "start": 0.1004, "end": 0.25}, {"w": "two", "start": 0.25, "end": 0.5}],
            "spans": [
                {
                    "type": "date",
                    "text": "six two",
                    "word_start": 0,
                    "word_end": 2,
                    "also": ["number_sequence"],
                    "optional": True,
                    "group": "date#1",
                }
            ],
        }
    ],
}


def test_a_row() -> None:
    clip = clip_from_row(ROW, Path("folder"), "real")
    assert (clip.name, clip.split, clip.path, clip.sample_rate) == ("an4_x", "an4", Path("folder/x.wav"), 16000)
    turn = clip.turns[0]
    assert [(word.text, word.start_ms, word.end_ms) for word in turn.words] == [("six", 100, 250), ("two", 250, 500)]
    also = frozenset({Policy.NUMBER_SEQUENCE})
    assert turn.spans == (LabelledSpan(Policy.DATE, "six two", 0, 2, also, optional=True, group="date#1"),)


def test_a_span_outside_its_turn() -> None:
    row = json.loads(json.dumps(ROW))
    row["turns"][0]["spans"][0]["word_end"] = 3
    with pytest.raises(ValueError, match="turn of 2"):
        clip_from_row(row, Path(), "real")


def test_an_unknown_set() -> None:
    with pytest.raises(ValueError, match="digits, calls, real, sample"):
        load_set("nothing")


def test_loading_at_another_rate(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "x.wav"), "wb") as writer:
        writer.setparams((1, 2, 16000, 0, "NONE", ""))
        writer.writeframes(np.arange(1600, dtype="<i2").tobytes())
    clip = clip_from_row(ROW, tmp_path, "real")
    assert clip.load().shape == (1600, 1)
    assert clip.at_rate(8000).load().shape == (800, 1)
    with pytest.raises(wave.Error, match="2 channels"):
        clip_from_row(ROW | {"channels": 2}, tmp_path, "real").load()


def test_the_bundled_call() -> None:
    """Its labels lie where its speech is, and its size stays small."""
    (clip,) = load_set("sample")
    samples = clip.load()
    assert samples.shape[1] == 2
    assert SAMPLE.with_name("sample_call.wav").stat().st_size < 1_500_000
    policies = {span.policy for turn in clip.turns for span in turn.spans}
    assert policies >= {Policy.PERSON_NAME, Policy.PHONE_NUMBER, Policy.CREDIT_CARD_NUMBER}
    spoken = np.zeros(samples.shape, dtype=np.bool_)
    for turn in clip.turns:
        for before, after in zip(turn.words, turn.words[1:], strict=False):
            assert before.start_ms < before.end_ms <= after.start_ms
        for word in turn.words:
            spoken[word.start_ms * 8 : word.end_ms * 8, turn.leg] = True
    level = [np.sqrt(np.mean(samples[mask, leg].astype(float) ** 2)) for leg in (0, 1) for mask in (spoken[:, leg],)]
    quiet = [np.sqrt(np.mean(samples[mask, leg].astype(float) ** 2)) for leg in (0, 1) for mask in (~spoken[:, leg],)]
    assert min(level) > 20 * max(quiet)


@pytest.mark.devset
@pytest.mark.skipif(not DEVSET.is_dir(), reason="the labelled calls are not beside the checkout")
def test_every_row_of_the_devset() -> None:
    counts = {name: len(load_set(name)) for name in SET_NAMES}
    assert counts == {"digits": 18, "calls": 32, "real": 245, "sample": 1}
