"""Labelled sets are read as they are written."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from gateway.core.policy import Policy
from gateway.errors import MediaError, OptionError
from gateway.evaluation.labels import Half, LabelledSpan, clip_from_file, clip_from_row, read_clips

ROOT = Path(__file__).parents[2]
DEVSET = ROOT.parent / "shared" / "devset"
SAMPLE = ROOT / "gateway" / "data" / "sample_call.labels.json"

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

TURN = {"channel": 0, "speaker": "caller", "words": [{"w": "six", "start": 0.1, "end": 0.2}] * 2}
SPAN = {"type": "date", "text": "", "word_start": 0, "word_end": 1}


def wav(path: Path, rate: int = 16000, samples: int = 1600) -> Path:
    with wave.open(str(path), "wb") as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes(np.arange(samples, dtype="<i2").tobytes())
    return path


def labelled_set(folder: Path, *names: str) -> Path:
    folder.mkdir()
    rows = [ROW | {"id": name, "audio": f"{name}.wav"} for name in names]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in names:
        wav(folder / f"{name}.wav")
    return folder


def test_a_row() -> None:
    clip = clip_from_row(ROW | {"group": "an4", "speaker": "fkdo"}, Path("folder"), "real")
    assert (clip.name, clip.set_name, clip.group, clip.speaker) == ("an4_x", "real", "an4", "fkdo")
    assert (clip.path, clip.sample_rate) == (Path("folder/x.wav"), 16000)
    assert clip_from_row(ROW, Path(), "real").group == "real"
    turn = clip.turns[0]
    assert [(word.text, word.start_ms, word.end_ms) for word in turn.words] == [("six", 100, 250), ("two", 250, 500)]
    also = frozenset({Policy.NUMBER_SEQUENCE})
    assert turn.spans == (LabelledSpan(Policy.DATE, "six two", 0, 2, also, optional=True, group="date#1"),)


def test_all_clips_of_a_speaker_are_in_one_half() -> None:
    rows = [ROW | {"id": f"clip{number}", "speaker": f"s{number % 5}"} for number in range(20)]
    clips = [clip_from_row(row, Path(), "x") for row in rows]
    assert all(clip.half is Half.of(clip.speaker) for clip in clips)
    assert {Half.of(f"speaker {number}") for number in range(20)} == set(Half)
    assert clip_from_row(ROW, Path(), "x").half is Half.of("an4_x")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"turns": [{**ROW["turns"][0], "spans": [{"type": "date", "text": "", "word_start": 0, "word_end": 3}]}]},
            "turn of 2",
        ),
        (
            {"turns": [{**ROW["turns"][0], "spans": [{"type": "secret", "text": "", "word_start": 0, "word_end": 1}]}]},
            "secret",
        ),
        ({"turns": [{"channel": 0}]}, "no 'words'"),
        ({"sample_rate": "fast"}, "fast"),
    ],
)
def test_odd_rows(change: dict[str, object], problem: str) -> None:
    with pytest.raises(MediaError, match=f"an4_x.*{problem}"):
        clip_from_row({**ROW, **change}, Path(), "real")


def test_one_set_and_a_folder_of_sets(tmp_path: Path) -> None:
    one, _ = labelled_set(tmp_path / "one", "a", "b"), labelled_set(tmp_path / "two", "c")
    assert [clip.name for clip in read_clips(one)] == ["a", "b"]
    assert [(clip.set_name, clip.name) for clip in read_clips(tmp_path)] == [("one", "a"), ("one", "b"), ("two", "c")]
    assert [clip.name for clip in read_clips(tmp_path, prefix="c", rate=8000)] == ["c"]
    assert read_clips(tmp_path, prefix="c", rate=8000)[0].load().shape == (800, 1)


def test_errors_teach(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"no labelled set.*manifest.jsonl"):
        read_clips(tmp_path)
    folder = labelled_set(tmp_path / "one", "a", "b")
    with pytest.raises(OptionError, match="begins with 'z'; the first is 'a'"):
        read_clips(folder, prefix="z")
    (folder / "b.wav").unlink()
    with pytest.raises(MediaError, match=r"b.wav: there is no such file \(1 of 2 clips"):
        read_clips(folder)
    (folder / "manifest.jsonl").write_text('{"id"')
    with pytest.raises(MediaError, match="line 1: is not a JSON object"):
        read_clips(folder)


def test_audio_that_is_not_as_labelled(tmp_path: Path) -> None:
    clip = clip_from_row(ROW, tmp_path, "real")
    with pytest.raises(MediaError, match="no such file"):
        clip.load()
    wav(tmp_path / "x.wav", rate=8000)
    with pytest.raises(MediaError, match="8000 samples a second; its labels say 16000"):
        clip.load()
    with pytest.raises(MediaError, match="ask for 2"):
        clip_from_row(ROW | {"channels": 2}, tmp_path, "real").load()
    (tmp_path / "x.wav").write_bytes(b"no sound")
    with pytest.raises(MediaError, match="not a WAV file"):
        clip.load()


def test_a_file_without_labels(tmp_path: Path) -> None:
    clip = clip_from_file(wav(tmp_path / "x.wav"))
    assert (clip.name, clip.sample_rate, clip.turns) == ("x", 16000, ())


def test_the_bundled_call() -> None:
    """Its labels lie where its speech is, and its size stays small."""
    (clip,) = read_clips(SAMPLE)
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
    clips = read_clips(DEVSET)
    counts = {name: sum(clip.set_name == name for clip in clips) for name in ("calls", "digits", "real")}
    assert counts == {"calls": 32, "digits": 18, "real": 245}
    halves = [clip.half for clip in clips]
    assert min(halves.count(half) for half in Half) > 80
