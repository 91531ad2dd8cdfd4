"""Files are heard again, with what is known of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from gateway.asr.scripted import ScriptedRecognizer, spoken_evenly
from gateway.core.hypothesis import Hypothesis
from gateway.core.policy import Policy
from gateway.errors import MediaError
from gateway.files.outputs import plan_outputs
from gateway.files.redact import FileOptions, redact_file
from gateway.files.verify import read_redactions, verify_file
from gateway.media.timeline import Span, SpanSet
from gateway.pii.detector import RuleDetector
from gateway.verify.check import Verifier
from gateway.verify.ears import RecognizerEar
from gateway.workers.host import RecognitionHost
from tests.core.virtual_call import DigitRuns
from tests.files.media_files import noise, wav16

ALL = frozenset(Policy)
SCHEMA = Path(__file__).parents[2] / "docs" / "redact-output.schema.json"


class Sounding(ScriptedRecognizer):
    """Every word of the script sounds like a digit."""

    def recognize(self, batch: list) -> list[Hypothesis]:  # type: ignore[override,type-arg]
        from dataclasses import replace

        return [
            replace(answer, words=tuple(replace(word, sounds="7") for word in answer.words))
            for answer in super().recognize(batch)
        ]


def verifier(text: str) -> Verifier:
    return Verifier([RecognizerEar(Sounding({0: spoken_evenly(text, 1000)}))], RuleDetector(ALL))


def test_a_file_is_heard_block_by_block(tmp_path: Path) -> None:
    source = wav16(tmp_path / "call.wav", noise(7 * 8000, 2))
    done: list[tuple[int, int | None]] = []
    heard = verify_file(source, verifier("seven seven seven seven"), ALL, None, lambda *told: done.append(told))
    assert [(one.leg, one.policy) for one in heard.suspicions] == [(0, Policy.NUMBER_SEQUENCE)]
    assert heard.audio_ms == 14_000
    assert done[-1] == (7 * 8000, 7 * 8000)
    assert not verify_file(source, verifier(""), ALL).suspicions


def test_what_the_json_tells(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    rows = [{"leg": 1, "start_ms": 1000, "end_ms": 2500}, {"leg": 1, "start_ms": 2400, "end_ms": 3001}]
    path.write_text(json.dumps({"policies": ["date", "our_own"], "redactions": rows}))
    known = read_redactions(path)
    assert known.policies == {Policy.DATE}
    assert known.masks(8000, 2) == [SpanSet(), SpanSet([Span(8000, 24_008)])]
    source = wav16(tmp_path / "call.wav", np.ones((8000 * 4, 2), dtype=np.int16))
    assert verify_file(source, verifier(""), known.policies, known).masked_ms == 2001


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"policies": 1}', '{"policies": [], "redactions": [{"leg": "x"}]}'])
def test_another_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "call.json"
    path.write_text(text)
    with pytest.raises(MediaError, match="is not what `redact` writes"):
        read_redactions(path)
    with pytest.raises(MediaError, match="cannot be read"):
        read_redactions(tmp_path / "none.json")


def test_an_output_is_heard_while_it_is_written(tmp_path: Path) -> None:
    (plan,) = plan_outputs([wav16(tmp_path / "call.wav", noise(7 * 8000, 2))], tmp_path / "out")
    options = FileOptions(ALL, verifier=verifier("seven seven seven seven"))
    report = redact_file(plan, options, RecognitionHost(ScriptedRecognizer()), DigitRuns())
    told = json.loads(plan.json.read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(told)
    assert report.result.verification
    (suspicion,) = told["verification"]["suspicions"]
    assert (suspicion["leg"], suspicion["policy"]) == (0, "number_sequence")
    assert told["verification"]["audio_ms"] == 14_000
    redact_file(plan, FileOptions(ALL), RecognitionHost(ScriptedRecognizer()), DigitRuns())
    assert "verification" not in json.loads(plan.json.read_text())
