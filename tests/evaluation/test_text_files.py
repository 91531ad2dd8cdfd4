"""Files of labelled text beside labelled recordings."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.core.policy import Policy
from gateway.evaluation.text_files import find_texts, text_reports, text_section

LINE = {
    "id": "l1w",
    "pair": "l1",
    "form": "written",
    "text": "My name is Robert Smith.",
    "spans": [{"type": "person_name", "start": 11, "end": 23, "text": "Robert Smith"}],
}


def lines_file(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(LINE) + "\n")
    return path


def test_which_files_hold_lines(tmp_path: Path) -> None:
    here, there = lines_file(tmp_path / "lines.jsonl"), lines_file(tmp_path / "text" / "more.jsonl")
    (tmp_path / "manifest.jsonl").write_text(json.dumps(LINE))
    (tmp_path / "corpus.jsonl").write_text('{"t": "text", "s": []}\n')
    (tmp_path / "empty.jsonl").touch()
    assert find_texts(tmp_path) == [here, there]
    assert find_texts(here) == [here]
    assert find_texts(tmp_path / "corpus.jsonl") == []


def test_reports_by_file_and_policy(tmp_path: Path) -> None:
    reports = text_reports([lines_file(tmp_path / "lines.jsonl")], frozenset({Policy.PERSON_NAME, Policy.DATE}))
    assert list(reports["lines"].policies) == ["person_name"]
    section = text_section(reports)
    assert section is not None
    assert section.startswith("## Text `lines`\n\n|")
    assert "Robert" not in section
    assert text_section({}) is None
