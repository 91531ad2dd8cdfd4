"""`verify`, as a user meets it, without its models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.core.hypothesis import Word
from gateway.core.policy import Policy
from gateway.errors import OptionError
from gateway.files.wavwriter import writing_wav
from gateway.media.timeline import Span
from gateway.pii.detector import RuleDetector
from gateway.verify import assembly
from gateway.verify.check import Verifier


class LoudEar:
    """Hears "7777" at the beginning of a leg that is loud there."""

    name = "loud"

    def open(self, sample_rate: int) -> LoudEar:
        return self

    def feed(self, samples: np.ndarray, final: bool) -> list[Word]:
        loud = len(samples) and np.abs(samples[:800]).max() > 100
        return [Word("…", Span(at * 800, at * 800 + 700), 0.9, True, "7") for at in range(4)] if loud else []


@pytest.fixture(autouse=True)
def ears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "create_verifier", lambda: Verifier([LoudEar()], RuleDetector(frozenset(Policy))))


def recording(path: Path, level: int) -> Path:
    with writing_wav(path, 8000, 1) as wav:
        wav.write(np.full((8000, 1), level, dtype=np.int16))
    return path


def test_what_is_heard_is_told_by_time_and_kind(tmp_path: Path) -> None:
    loud, quiet = recording(tmp_path / "loud.wav", 1000), recording(tmp_path / "quiet.wav", 0)
    ran = CliRunner().invoke(app, ["verify", str(loud), str(quiet)])
    assert ran.exit_code == 1
    assert ran.stdout.splitlines() == [
        f"{loud}: 0.00 to 0.39 s, leg 0: possible number_sequence (0.60, heard by loud)",
        f"{quiet}: nothing found in 1.0 s that can be heard",
    ]
    assert CliRunner().invoke(app, ["verify", str(quiet)]).exit_code == 0
    assert CliRunner().invoke(app, ["verify", str(loud), "--only-likely"]).exit_code == 0
    assert CliRunner().invoke(app, ["verify", str(loud), "--policies", "religion"]).exit_code == 0


def test_json_and_what_the_result_tells(tmp_path: Path) -> None:
    loud = recording(tmp_path / "loud.wav", 1000)
    told = json.loads(CliRunner().invoke(app, ["verify", str(loud), "--json"]).stdout)
    assert told["file"] == str(loud)
    assert [one["policy"] for one in told["suspicions"]] == ["number_sequence"]
    rows = [{"leg": 0, "start_ms": 0, "end_ms": 1000}]
    loud.with_suffix(".json").write_text(json.dumps({"policies": ["date"], "redactions": rows}))
    ran = CliRunner().invoke(app, ["verify", str(loud), "--json"])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["masked_ms"] == 1000


def test_mistakes(tmp_path: Path) -> None:
    loud = recording(tmp_path / "loud.wav", 1000)
    missing = CliRunner().invoke(app, ["verify", str(tmp_path / "none.wav"), str(loud)])
    assert missing.exit_code == 1
    assert "loud.wav" in missing.stdout, "the other files are heard"
    for arguments in ([str(loud), "--policies", "nothing"], [str(loud), str(loud), "--result", "x.json"]):
        ran = CliRunner().invoke(app, ["verify", *arguments])
        assert isinstance(ran.exception, OptionError)
    assert CliRunner().invoke(app, ["verify", "--show-words", str(loud)]).exit_code == 2
