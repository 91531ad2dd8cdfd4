"""`evaluate`, as a user meets it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.core.policy import Policy

DATA = Path(__file__).parents[2] / "gateway" / "data"
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def evaluate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["redaction-gateway", "evaluate", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return int(str(end.value.code)), captured.out, captured.err

    return ran


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A folder with the bundled call as a set."""
    folder = tmp_path / "sets" / "sample"
    folder.mkdir(parents=True)
    shutil.copy(DATA / "sample_call.wav", folder)
    row = json.loads((DATA / "sample_call.labels.json").read_text())
    (folder / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    return folder


@pytest.mark.slow
@pytest.mark.model
def test_the_bundled_call(evaluate: Command, tmp_path: Path) -> None:
    options = ("--lookahead", "2000", "--strength", "strict", "--no-selectivity")
    code, out, _ = evaluate(DATA / "sample_call.labels.json", "-o", tmp_path / "report", *options)
    assert code == 0
    assert "| sample_call |" in out
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    whole = report["all"]
    assert whole["policies"]["credit_card_number"]["leaked_share"] < 0.1
    assert whole["captions"]["taken_back"] == whole["unreported_samples"] == whole["reshaped"] == 0
    assert whole["costs"]["recognition_p50_ms"] > 0
    assert whole["causes"]["recognised_share"] > 0.5
    assert set(whole["strengths"]) == {"strict"}
    assert "selectivity" not in whole
    assert "# What gets through" in (tmp_path / "report" / "report.md").read_text()


@pytest.mark.slow
def test_a_recogniser_that_hears_nothing_leaks_all(evaluate: Command, sample: Path, tmp_path: Path) -> None:
    code, _, err = evaluate(sample.parent, "-o", tmp_path, "--engine", "scripted", "--no-selectivity", "--rate", 16000)
    assert (code, err) == (0, "")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["all"]["total"]["covered_share"] == 0
    assert report["all"]["causes"]["not_recognised_ms"] == report["all"]["total"]["leaked_ms"] > 5000


@pytest.mark.slow
def test_another_systems_file(evaluate: Command, sample: Path, tmp_path: Path) -> None:
    options = ("--against", sample / "sample_call.wav", "--policies", "phone_number")
    code, out, _ = evaluate(sample, "-o", tmp_path, *options)
    assert code == 0
    assert "| sample | 1 |" in out
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["engine"] is None
    assert report["policies"] == [Policy.PHONE_NUMBER]
    assert report["all"]["total"]["leaked_share"] == 1.0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--lookahead", "fast"), "--lookahead: 'fast' is not a list"),
        (("--lookahead", "2000,20"), "--lookahead: 20 is not allowed"),
        (("--strength", "weak"), "--strength: there is no 'weak'"),
        (("--policies", "secrets"), "--policies: there is no policy 'secrets'"),
        (("--clip", "zzz"), "--clip: no clip of"),
        (("--against", "nothing.wav"), "nothing.wav: there is no such file"),
    ],
)
def test_errors_teach(evaluate: Command, sample: Path, tmp_path: Path, options: tuple[str, ...], problem: str) -> None:
    code, _, err = evaluate(sample, "-o", tmp_path / "report", *options)
    assert code in (1, 2)
    assert problem in err
    assert len(err.splitlines()) == 1


def test_a_folder_that_is_no_set(evaluate: Command, tmp_path: Path) -> None:
    code, _, err = evaluate(tmp_path, "-o", tmp_path / "report")
    assert code == 1
    assert "is no labelled set" in err
