"""Whole files, with a scripted recogniser: what is covered, what is not touched, and what is left when it fails."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from gateway.asr.base import Chunk
from gateway.asr.scripted import ScriptedRecognizer, ScriptedWord, spoken_evenly
from gateway.core.detection import Detection, Finding, Utterance
from gateway.core.hypothesis import Hypothesis
from gateway.core.policy import Policy, Substitution
from gateway.errors import EngineError, MediaError
from gateway.files.outputs import PlannedOutput, plan_outputs
from gateway.files.redact import FileOptions, FileReport, redact_file
from gateway.media.mask import Masking
from gateway.workers.host import RecognitionHost
from tests.core.virtual_call import DigitRuns
from tests.files.media_files import noise, riff, wav16
from tests.files.test_wavwriter import largest_file

CANARY = "Xanthippe"
ALL = FileOptions(frozenset(Policy))
SCHEMA = Path(__file__).parents[2] / "docs" / "redact-output.schema.json"
SCRIPT = {
    0: spoken_evenly("who is calling please", 200),
    1: (*spoken_evenly(f"my name {CANARY} and", 3000), *spoken_evenly("four one two five", 5000, 250, 40)),
}


class EveryPolicy:
    """Each of the words "p0", "p1", ... is a finding of the policy of that number."""

    def detect(self, utterance: Utterance) -> Detection:
        numbers = [int(token.text[1:]) for token in utterance.tokens]
        policies = list(Policy)
        found = [
            Finding(policies[number], at, at + 1, 0, len(utterance.tokens[at].text), 1.0, "test")
            for at, number in enumerate(numbers)
        ]
        return Detection(tuple(found))


class BreaksDown(ScriptedRecognizer):
    """Fails at its fifth step."""

    steps = 0

    def recognize(self, batch: list[Chunk]) -> list[Hypothesis]:  # type: ignore[override]
        self.steps += 1
        if self.steps == 5:
            raise EngineError("the model broke down")
        return super().recognize(batch)


def plan(source: Path) -> PlannedOutput:
    return plan_outputs([source], source.parent / "out")[0]


def redacted(source: Path, options: FileOptions = ALL) -> FileReport:
    return redact_file(plan(source), options, RecognitionHost(ScriptedRecognizer(SCRIPT)), DigitRuns())


def read_wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as reader:
        data = reader.readframes(reader.getnframes())
        return np.frombuffer(data, dtype="<i2").reshape(-1, reader.getnchannels())


@pytest.mark.parametrize("rate", [6000, 8000, 11025, 44100, 96000])
@pytest.mark.parametrize("masking", Masking)
def test_what_is_redacted_is_gone_and_nothing_else_is_touched(tmp_path: Path, rate: int, masking: Masking) -> None:
    samples = noise(7 * rate + 11, 2)
    source = wav16(tmp_path / "call.wav", samples, rate)
    report = redacted(source, FileOptions(frozenset(Policy), masking=masking))
    heard = read_wav(report.output.wav)
    assert heard.shape == samples.shape
    told = json.loads(report.output.json.read_text())
    covered = np.zeros(samples.shape, dtype=bool)
    for row in told["redactions"]:
        covered[row["start_ms"] * rate // 1000 : -(-row["end_ms"] * rate // 1000), row["leg"]] = True
    np.testing.assert_array_equal(heard[~covered], samples[~covered])
    assert {(row["leg"], row["policy"]) for row in told["redactions"]} == {(1, "person_name"), (1, "number_sequence")}
    for start_ms, end_ms in ((3800, 4100), (5000, 6120)):
        inside = slice(start_ms * rate // 1000, end_ms * rate // 1000)
        assert (heard[inside, 1] == samples[inside, 1]).mean() < 0.01
    assert not covered[:, 0].any()
    assert told["duration_ms"] == -(-len(samples) * 1000 // rate)
    assert told["stats"]["covered_late_ms"] == 0


def test_the_canary_is_in_no_output(tmp_path: Path) -> None:
    report = redacted(wav16(tmp_path / "call.wav", noise(7 * 8000, 2)))
    text = report.output.json.read_text()
    assert CANARY not in text
    assert CANARY not in repr(report)
    assert report.result.legs[0].text == "who is calling please"
    assert report.result.legs[1].text == "my name ######### and #### ### ### ####"
    options = FileOptions(frozenset(Policy), Substitution.ENTITY_NAME)
    report = redacted(wav16(tmp_path / "again.wav", noise(7 * 8000, 2)), options)
    assert CANARY not in report.output.json.read_text()
    assert "my name [PERSON_NAME] and" in report.result.legs[1].text
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["again.json", "again.wav", "call.json", "call.wav"]


def test_the_json_of_every_policy_fits_its_schema(tmp_path: Path) -> None:
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["policy"]["enum"] == list(Policy)
    validator = Draft202012Validator(schema)
    script = {0: spoken_evenly(" ".join(f"p{at}" for at in range(len(Policy))), 500, 300, 600)}
    source = wav16(tmp_path / "call.wav", noise(62 * 8000))
    report = redact_file(plan(source), ALL, RecognitionHost(ScriptedRecognizer(script)), EveryPolicy())
    told = json.loads(report.output.json.read_text())
    validator.validate(told)
    assert [row["policy"] for row in told["redactions"]] == list(Policy)
    assert told["stats"]["spans"] == dict.fromkeys(sorted(Policy), 1)
    for wrong in ("policies", "legs", "stats"):
        assert not validator.is_valid({name: value for name, value in told.items() if name != wrong})
    assert not validator.is_valid(told | {"redactions": [told["redactions"][0] | {"policy": None}]})
    assert not validator.is_valid(told | {"said": "something"})


def test_what_is_undecided_is_covered_and_fits_the_schema_too(tmp_path: Path) -> None:
    """A word that goes on for longer than the lookahead."""
    script = {0: (ScriptedWord("so", 200, 6500),)}
    source = wav16(tmp_path / "call.wav", noise(7 * 8000))
    report = redact_file(plan(source), ALL, RecognitionHost(ScriptedRecognizer(script)), DigitRuns())
    told = json.loads(report.output.json.read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(told)
    assert {(row["policy"], row["verdict"]) for row in told["redactions"]} == {(None, "covered_late")}
    assert told["stats"]["covered_late_ms"] > 3000


def test_a_silent_file(tmp_path: Path) -> None:
    source = wav16(tmp_path / "call.wav", np.zeros((8000, 2), dtype=np.int16))
    report = redact_file(plan(source), ALL, RecognitionHost(ScriptedRecognizer()), DigitRuns())
    assert not read_wav(report.output.wav).any()
    assert [leg.text for leg in report.result.legs] == ["", ""]


def test_a_damaged_file_is_redacted_and_its_damage_reported(tmp_path: Path) -> None:
    source = tmp_path / "call.wav"
    samples = noise(8000)
    source.write_bytes(riff(1, 16, 8000, 1, samples.tobytes(), 2 * samples.nbytes))
    report = redact_file(plan(source), ALL, RecognitionHost(ScriptedRecognizer()), DigitRuns())
    assert [(damage.start_ms, damage.end_ms) for damage in report.damage] == [(1000, 2000)]
    np.testing.assert_array_equal(read_wav(report.output.wav), samples)


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    source = wav16(tmp_path / "call.wav", noise(20_000))
    host = RecognitionHost(ScriptedRecognizer())
    redact_file(plan(source), ALL, host, DigitRuns(), lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (20_000, 20_000)


@pytest.mark.parametrize("place", ["recogniser", "disk", "directory"])
def test_a_failure_leaves_no_files(tmp_path: Path, place: str) -> None:
    source = wav16(tmp_path / "call.wav", noise(7 * 8000))
    output = plan(source)
    recognizer = BreaksDown() if place == "recogniser" else ScriptedRecognizer()
    if place == "directory":
        output.json.mkdir()
    with largest_file(60_000 if place == "disk" else 2**30), pytest.raises((EngineError, MediaError)):
        redact_file(output, ALL, RecognitionHost(recognizer), DigitRuns())
    assert [path.name for path in output.wav.parent.iterdir() if path.is_file()] == []


def test_the_last_bytes_may_be_those_that_do_not_fit(tmp_path: Path) -> None:
    """The JSON is in place only when the WAV file is."""
    source = wav16(tmp_path / "call.wav", noise(3000))
    output = plan(source)
    with largest_file(5000), pytest.raises(MediaError, match=r"call\.wav: cannot be written"):
        redact_file(output, ALL, RecognitionHost(ScriptedRecognizer()), DigitRuns())
    assert list(output.wav.parent.iterdir()) == []


def test_a_file_that_cannot_be_used_leaves_no_files(tmp_path: Path) -> None:
    output = plan(tmp_path / "none.wav")
    with pytest.raises(MediaError, match="there is no such file"):
        redact_file(output, ALL, RecognitionHost(ScriptedRecognizer()), DigitRuns())
    assert list(output.wav.parent.iterdir()) == []
