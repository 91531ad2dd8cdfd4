"""Writes the figures of measures.json into README.md, below its last heading.

python -m models.tagger.card
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEADING = "## Figures\n"


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _labels(scores: dict[str, Any]) -> list[str]:
    names = [name for name in scores if not name.endswith(", lower case")]
    labels = [label for label in scores[names[0]] if label not in ("all", "confused")]
    lines = [_row("label", *names), _row(*["---"] * (len(names) + 1))]
    for label in [*labels, "all"]:
        cells = []
        for name in names:
            pair = [scores.get(f"{name}{form}", {}).get(label) for form in ("", ", lower case")]
            cells.append(" / ".join(f"{found['f1']:.2f}" for found in pair if found) or "")
        lines.append(_row(label, *cells))
    return lines


def _bins(calibration: dict[str, Any], output: str) -> list[str]:
    names = [name for name in calibration if output == "label" or "cut" in name]
    lines = [_row(f"{output}: told", *names), _row(*["---"] * (len(names) + 1))]
    for at in range(10):
        cells = []
        for name in names:
            count, told, right = calibration[name][output]["bins"][at]
            cells.append(f"{right:.2f} of {count} (told {told:.2f})" if count else "")
        lines.append(_row(f"{at / 10:.1f} to {(at + 1) / 10:.1f}", *cells))
    lines.append(_row("ECE", *(calibration[name][output]["ece"] for name in names)))
    lines.append(_row("ECE above 0.1", *(calibration[name][output]["ece_above_tenth"] for name in names)))
    return lines


def figures(measures: dict[str, Any]) -> str:
    """The tables, in Markdown."""
    small, whole = measures["int8"], measures["float"]
    small_times, whole_times = (", ".join(str(one) for one in form["milliseconds"].values()) for form in (small, whole))
    confused = small["scores"]["all of these as recognised"]["confused"]
    lines = [
        f"Training took {measures['training_minutes']} minutes. Milliseconds a call on one thread (32, 64, 96 pieces): "
        f"{small_times} (int8, {small['megabytes']} MB); {whole_times} (float, {whole['megabytes']} MB).",
        "",
        "F1 by words; `a / b`: as the source writes it / lower case without punctuation.",
        "",
        *_labels(small["scores"]),
        "",
        "int8 against float, F1 over all labels: "
        + "; ".join(
            f"{name} {small['scores'][name]['all']['f1']:.3f} against {scores['all']['f1']:.3f}"
            for name, scores in whole["scores"].items()
        )
        + ".",
        "",
        "Most frequent confusions (truth as answer, words): "
        + "; ".join(f"{pair} {count}" for pair, count in confused.items())
        + ".",
        "",
        "Reliability: how often the word is of the label that is told most probable, by the probability told.",
        "",
        *_bins(small["calibration"], "label"),
        "",
        *_bins(small["calibration"], "open"),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    path = HERE / "README.md"
    text, heading, _ = path.read_text().partition(HEADING)
    if not heading:
        raise SystemExit(f"README.md has no heading {HEADING.strip()!r}")
    path.write_text(text + heading + "\n" + figures(json.loads((HERE / "measures.json").read_text())))


if __name__ == "__main__":
    main()
