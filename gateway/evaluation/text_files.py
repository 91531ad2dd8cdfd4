"""Labelled lines of text in a set: which files hold them, and their figures in the report."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from gateway.evaluation.labels import MANIFEST
from gateway.evaluation.text_scoring import read_lines
from gateway.evaluation.texts import TextReport, evaluate_texts, labelled_policies


def find_texts(path: Path) -> list[Path]:
    """`path` itself, or the files in it and in its folders, as far as they hold labelled lines of text."""
    if path.is_file():
        return [path] if _holds_lines(path) else []
    found = [*path.glob("*.jsonl"), *path.glob("*/*.jsonl")]
    return sorted(file for file in found if file.name != MANIFEST and _holds_lines(file))


def text_reports(files: Sequence[Path], policies: Collection[str]) -> dict[str, TextReport]:
    """A report for each file, by the file's name without its suffix; of the chosen policies that it labels."""
    reports: dict[str, TextReport] = {}
    for file in files:
        chosen = [policy for policy in labelled_policies(read_lines(file)) if policy in policies]
        reports[file.stem] = evaluate_texts(file, chosen)
    return reports


def text_section(reports: Mapping[str, TextReport]) -> str | None:
    """The reports as Markdown; None when there are none."""
    parts = [f"## Text `{name}`\n\n{report.markdown().strip()}" for name, report in reports.items()]
    return "\n\n".join(parts) if parts else None


def _holds_lines(file: Path) -> bool:
    """Whether the first row looks like one of `gateway.evaluation.text_scoring`."""
    try:
        with file.open(encoding="utf-8") as lines:
            row = json.loads(next(lines))
    except (OSError, ValueError, StopIteration):
        return False
    return isinstance(row, dict) and {"text", "spans", "form", "pair"} <= row.keys()
