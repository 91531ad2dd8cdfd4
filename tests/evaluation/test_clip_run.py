"""All runs of a clip, where its misses come from, and what one policy alone covers."""

from __future__ import annotations

import json
import wave
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.asr.base import Chunk, RecognizerStream
from gateway.core.detection import Detection, Finding, Utterance
from gateway.core.hypothesis import Hypothesis
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.core.strength import Strength
from gateway.evaluation.clip_run import ClipReport, Plan, evaluate_clip, evaluate_foreign
from gateway.evaluation.labels import Clip, LabelledSpan
from gateway.evaluation.markdown import markdown
from gateway.evaluation.plots import write_plots
from gateway.evaluation.report import report_row
from tests.evaluation.scripted_clip import CLIP, RATE, TEXTS, TURN, SevenDetector, recognizer, samples

PHONE = frozenset({Policy.PHONE_NUMBER})
PLAN = Plan(frozenset(Policy), 2000, (1000, 2000), tuple(Strength), (Policy.DATE, Policy.PHONE_NUMBER))


class Unsure(SevenDetector):
    """Finds sevens with a probability of one half, if telephone numbers are asked for."""

    def __init__(self, settings: DetectionSettings) -> None:
        self._policies = settings.policies

    def detect(self, utterance: Utterance) -> Detection:
        found = super().detect(utterance).findings if Policy.PHONE_NUMBER in self._policies else ()
        return Detection(tuple(replace(finding, confidence=0.5) for finding in found))


class Hindsight:
    """Finds a seven once "goodbye" was said."""

    def detect(self, utterance: Utterance) -> Detection:
        texts = [token.text for token in utterance.tokens]
        if "goodbye" not in texts:
            return Detection()
        return Detection((Finding(Policy.PHONE_NUMBER, 3, 4, 0, 5, 1.0, "late"),))


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    with wave.open(str(tmp_path / "x.wav"), "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", ""))
        writer.writeframes(samples().astype("<i2").tobytes())
    return replace(CLIP, path=tmp_path / "x.wav")


@pytest.fixture
def report(clip: Clip) -> ClipReport:
    return evaluate_clip(clip, PLAN, Rewound(), Unsure)


class Rewound:
    """A scripted recogniser that begins anew with every stream, and mishears the second seven."""

    def __init__(self) -> None:
        self.capabilities = recognizer().capabilities

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> RecognizerStream:
        heard = [*TEXTS[:7], "heaven", TEXTS[8]]
        self._recognizer = recognizer(heard)
        return self._recognizer.open_stream(sample_rate, stable_margin_ms)

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        return self._recognizer.recognize(batch)


def test_every_lookahead_and_strength(report: ClipReport) -> None:
    assert sorted(report.by_lookahead) == [1000, 2000]
    leaked = {strength: score.audio.total.leaked_ms for strength, score in report.by_strength.items()}
    assert leaked[Strength.STRICT] == leaked[Strength.BALANCED] == 400
    assert leaked[Strength.PRECISE] == 800
    assert report.by_lookahead[2000].audio.total.leaked_ms == 400
    assert report.by_lookahead[2000].costs.recognition_s


def test_what_was_not_recognised_is_told_from_what_was(report: ClipReport) -> None:
    causes = report.causes.total
    assert (causes.speech_ms, causes.recognised_ms, causes.recognised_covered_ms) == (800, 400, 400)
    assert (causes.not_recognised_ms, causes.not_detected_ms, causes.too_late_ms, causes.edge_ms) == (400, 0, 0, 0)
    assert report.causes.by_policy[Policy.PHONE_NUMBER] == causes


def test_what_is_found_too_late_is_told_from_what_never_is(clip: Clip) -> None:
    report = evaluate_clip(clip, Plan(PHONE, 1000, (1000,)), recognizer(), lambda _: Hindsight())
    causes, leaked_ms = report.causes.total, report.by_lookahead[1000].audio.total.leaked_ms
    assert (causes.not_detected_ms, causes.not_recognised_ms, causes.edge_ms) == (400, 0, 0)
    assert causes.too_late_ms == leaked_ms - 400 > 300


def test_an_edge_of_a_found_word(clip: Clip) -> None:
    words = list(TURN.words)
    words[3] = replace(words[3], end_ms=2150)
    wide = replace(
        clip, turns=(replace(TURN, words=tuple(words), spans=(LabelledSpan(Policy.PHONE_NUMBER, "", 3, 4),)),)
    )
    causes = evaluate_clip(wide, Plan(PHONE, 2000, (2000,)), recognizer(), lambda _: SevenDetector()).causes.total
    assert causes.edge_ms == causes.speech_ms - causes.recognised_covered_ms > 0


def test_one_policy_at_a_time(report: ClipReport) -> None:
    phone, date = report.selectivity[Policy.PHONE_NUMBER], report.selectivity[Policy.DATE]
    assert (phone.own.speech_ms, phone.own.covered_ms, phone.others.speech_ms) == (800, 400, 0)
    assert (date.own.speech_ms, date.others.speech_ms, date.others.covered_ms) == (0, 800, 0)
    assert date.labels[Policy.PHONE_NUMBER].share == 0.0
    assert phone.other_speech.speech_ms == 7 * 400


def test_the_report(report: ClipReport) -> None:
    row = report_row([report], PLAN, engine="scripted")
    assert json.loads(json.dumps(row)) == row
    whole = row["sets"]["set"]["all"]
    assert row["all"] == whole
    assert whole["total"]["leaked_share"] == 0.5
    assert whole["causes"]["recognised_covered_share"] == 1.0
    assert list(whole["lookahead"]) == ["1000", "2000"]
    assert "seven" not in json.dumps(row)
    text = markdown(row, ["selectivity.png"])
    for expected in ("# What gets through", "| phone_number | 0.8 | 400 | 50.0 % |", "selectivity.png", "precise"):
        assert expected in text
    assert "seven" not in text
    explained = report_row([report], PLAN, engine="scripted", explain=True)
    assert "| x | leak | phone_number | 0 | 3.50 | seven | heaven | 400 |" in markdown(explained)


@pytest.mark.slow
def test_the_pictures(report: ClipReport, tmp_path: Path) -> None:
    plots = write_plots(tmp_path, report_row([report], PLAN, engine="scripted"))
    assert plots == ["recall-versus-lookahead.png", "causes-of-misses.png", "selectivity.png"]
    assert all((tmp_path / name).stat().st_size > 5000 for name in plots)


def test_another_systems_output(clip: Clip, tmp_path: Path) -> None:
    output = samples()
    output[1500 * 8 : 1900 * 8] = 0
    path = tmp_path / "theirs.wav"
    for factor, leaked_ms in ((1.0, 400), (-0.3, 400)):
        with wave.open(str(path), "wb") as writer:
            writer.setparams((1, 2, RATE, 0, "NONE", ""))
            writer.writeframes((output * factor).astype("<i2").tobytes())
        score = evaluate_foreign(clip, PLAN, {"x": str(path)}).by_lookahead[2000]
        assert (score.audio.total.leaked_ms, score.audio.reshaped) == (leaked_ms, 0)
    nothing = evaluate_foreign(clip, PLAN, {}).by_lookahead[2000]
    assert (nothing.audio.total.leaked_ms, nothing.audio.reshaped) == (800, 1)
