"""The gateway's text detection beside a peer that runs as another process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from gateway.core.policy import Policy
from gateway.evaluation.text_scoring import Found, TextLabel, TextLine
from loadtest import bench_detection
from loadtest.bench_detection import BEGIN, END, Peer, as_json, best_least_score, compare, median_ms, rewritten
from loadtest.detection_tables import tables
from loadtest.peer_kinds import PRESIDIO, PeerSpan
from loadtest.peer_process import PeerError, PeerRun, run_peer

LINES = (
    TextLine("a2w", 2, "written", "mail me at ann@example.com", (TextLabel("email_address", ((11, 26),)),)),
    TextLine("a2s", 2, "spoken", "ann at example dot com", (TextLabel("email_address", ((0, 22),)),)),
    TextLine("n4w", 4, "written", "meet you @ noon", hard_negative=True),
)

PEER = """
import sys
sys.path.insert(0, sys.argv[1])
from peer_protocol import answer
def detect(text, previous):
    at = text.find("@")
    return [(max(0, at - 3), at + 12, "EMAIL_ADDRESS", 0.9 if at > 10 else 0.2)] if at >= 0 else []
answer("Fake", "1.0", "finds signs", ["EMAIL_ADDRESS", "URL"], detect)
"""


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    script = tmp_path / "fake_peer.py"
    script.write_text(PEER)
    folder = Path(bench_detection.__file__).parent / "peers"
    return Peer("Fake", (sys.executable, "-S", str(script), str(folder)), PRESIDIO)


def test_a_peer_answers_every_line(peer: Peer):
    run = run_peer(peer.command, LINES)
    assert (run.name, run.version, run.about, run.kinds) == ("Fake", "1.0", "finds signs", ("EMAIL_ADDRESS", "URL"))
    assert run.spans[0] == (PeerSpan(11, 26, "EMAIL_ADDRESS", 0.9),)
    assert [len(spans) for spans in run.spans] == [1, 0, 1]
    assert len(run.seconds) == 3
    assert min(run.seconds) >= 0


@pytest.mark.parametrize("code", ["raise SystemExit('it broke')", "print('{}')"])
def test_a_peer_that_fails_or_stops_early_is_an_error(code: str):
    with pytest.raises(PeerError):
        run_peer((sys.executable, "-S", "-c", code), LINES)


def test_a_peer_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(PeerError):
        run_peer((str(tmp_path / "python"),), LINES)


def test_systems_are_scored_on_all_policies_and_on_the_peers_own(peer: Peer):
    steps: list[str] = []
    systems, comparisons = compare(LINES, [peer], 1, steps.append)
    assert steps == ["round 1: this gateway", "round 1: Fake", "scores of Fake"]
    own, fake, sure = systems
    assert (own.report.score("written").total.recall, own.report.score("written").flagged) == (1.0, 0)
    assert (fake.report.score("written").total.recall, fake.report.score("written").flagged) == (1.0, 1)
    assert (sure.name, sure.report.score("written").flagged) == ("Fake ≥ 0.25", 0)
    assert fake.report.score("spoken").total.recall == 0.0
    assert [peer.report.policies for peer in comparisons[0].peers] == [("email_address",)] * 2
    text = tables(systems, comparisons)
    assert "| Fake ≥ 0.25 | written | 1.000 | 1.000 | 1.000 |" in text
    assert "example" not in text + json.dumps(as_json(systems, comparisons))


def test_the_threshold_is_the_lowest_of_the_best():
    spans = ((PeerSpan(11, 26, "EMAIL_ADDRESS", 0.9),), (), (PeerSpan(9, 10, "EMAIL_ADDRESS", 0.5),))
    run = PeerRun("Fake", "1", "", ("EMAIL_ADDRESS",), spans, (0.0,) * 3)
    assert best_least_score(LINES, run, PRESIDIO) == 0.0
    wrong = (*spans[:2], (PeerSpan(9, 15, "EMAIL_ADDRESS", 0.5),))
    run = PeerRun("Fake", "1", "", ("EMAIL_ADDRESS",), wrong, (0.0,) * 3)
    assert best_least_score(LINES, run, PRESIDIO) == 0.55


def test_times_are_medians_of_rounds():
    assert median_ms([[0.001, 0.004], [0.002, 0.004], [0.9, 0.004]]) == pytest.approx(3.0)


def test_only_what_is_between_the_markers_is_rewritten():
    assert rewritten(f"a\n{BEGIN}\nold\n{END}\nb\n", "| new |\n") == f"a\n{BEGIN}\n\n| new |\n\n{END}\nb\n"
    again = rewritten(rewritten(f"{BEGIN}{END}", "x\n"), "x\n")
    assert again == rewritten(f"{BEGIN}{END}", "x\n")
    with pytest.raises(ValueError):
        rewritten("no markers", "x")
    assert bench_detection.DOC.read_text(encoding="utf-8").count(BEGIN) == 1


def test_the_command_writes_tables_and_figures(tmp_path: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch):
    rows = [
        {"id": line.name, "pair": f"p{line.pair}", "form": line.form, "text": line.text}
        | {"spans": [{"type": label.policy, "start": 0, "end": 26} for label in line.labels]}
        for line in LINES
    ]
    lines, document = tmp_path / "lines.jsonl", tmp_path / "benchmarks.md"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    document.write_text(f"# Figures\n{BEGIN}\n{END}\n")
    options = ["--lines", str(lines), "--doc", str(document), "-o", str(tmp_path / "out"), "--rounds", "1"]
    missing = ["--peers", str(tmp_path / "no-such-environment")]
    monkeypatch.setattr(sys, "argv", ["bench_detection", *options, *missing])
    assert bench_detection.main() == 1
    assert document.read_text().endswith(f"{BEGIN}\n{END}\n")
    monkeypatch.setattr(bench_detection, "installed_peers", lambda venv, model: [peer])
    assert bench_detection.main() == 0
    assert "| gateway | written |" in document.read_text()
    assert json.loads((tmp_path / "out" / "detection.json").read_text())["systems"][1]["name"] == "Fake"


def test_faults_are_listed_for_the_tuned_half_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    lines = tmp_path / "lines.jsonl"
    row = {"form": "written", "text": "zq one", "spans": [{"type": Policy.PERSON_NAME, "start": 0, "end": 2}]}
    other = row | {"id": "b", "pair": "p3", "text": "zx two"}
    lines.write_text(json.dumps(row | {"id": "a", "pair": "p2"}) + "\n" + json.dumps(other) + "\n")
    monkeypatch.setattr(sys, "argv", ["x", "--lines", str(lines), "--no-peers", "--faults", "--rounds", "1"])
    assert bench_detection.main() == 0
    printed = capsys.readouterr().out
    assert "<<zq>> one" in printed
    assert "zx" not in printed


def test_found_is_what_the_gateway_scores():
    assert bench_detection.replay(LINES, [[Found(0, 3, ("date",))], [], []])(LINES[0].text, "")[0].end == 3
