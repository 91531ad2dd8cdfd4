"""Writes `docs/policies/`: a page for every policy and an index, from the cards and `measured.json` beside them.

`python -m gateway.evaluation.policy_pages [docs/policies] [--lines LINES.jsonl] [--reports REPORT.json ...]`.
`measured.json` is what was measured last: `{policy: {figure: share}}` with the figures of `FIGURES`; policies without
labels are left out. `--lines` measures the text figures anew, `--reports` takes those of audio from what `evaluate`
wrote.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from gateway.core.policy import DEFAULT_POLICIES, Policy
from gateway.evaluation.texts import evaluate_texts
from gateway.pii.cards import CARDS, Card

MEASURED: Final = "measured.json"
INDEX: Final = "README.md"
FIGURES: Final[Mapping[str, str]] = {
    "recall_audio": "recall, milliseconds of audio, all policies chosen",
    "precision_audio": "precision, milliseconds of audio, this policy alone",
    "recall_text_written": "recall, written text",
    "precision_text_written": "precision, written text",
    "recall_text_spoken": "recall, text as spoken",
    "precision_text_spoken": "precision, text as spoken",
}
"""What can be measured, by its name in `measured.json`, in the order of the pages."""
_UNMEASURED: Final = "not in the labelled set"

Measured = Mapping[str, Mapping[str, float]]


def pages(measured: Measured) -> dict[str, str]:
    """The text of every page, by file name."""
    texts = {f"{policy}.md": _page(card, measured.get(policy, {})) for policy, card in CARDS.items()}
    return {INDEX: _index(measured), **texts}


def read_measured(folder: Path) -> Measured:
    """The figures in `folder`; none when there is no such file. Raises ValueError for a file that holds no JSON."""
    path = folder / MEASURED
    if not path.exists():
        return {}
    figures: Measured = json.loads(path.read_text(encoding="utf-8"))
    return figures


def write_pages(folder: Path) -> None:
    """Write all pages into `folder`. Raises OSError when it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(read_measured(folder)).items():
        (folder / name).write_text(text, encoding="utf-8")


def measure_texts(lines: Path) -> Measured:
    """The text figures of every policy that a file of labelled lines holds. Raises what `read_lines` does."""
    report = evaluate_texts(lines)
    figures: dict[str, dict[str, float]] = {}
    for form in report.forms:
        for policy, counts in report.score(form).by_policy.items():
            for kind, share in (("recall", counts.recall), ("precision", counts.precision)):
                if share is not None and counts.labels and f"{kind}_text_{form}" in FIGURES:
                    figures.setdefault(policy, {})[f"{kind}_text_{form}"] = round(share, 4)
    return figures


def read_reports(paths: Iterable[Path]) -> Measured:
    """The audio figures of every policy in reports of `evaluate`, added up. Raises OSError, ValueError, KeyError."""
    spoken: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for path in paths:
        row = json.loads(path.read_text(encoding="utf-8"))["all"]
        for policy, counts in row["policies"].items():
            spoken[policy] += counts["speech_ms"]
            covered[policy] += counts["covered_ms"]
        for policy, counts in row.get("selectivity", {}).items():
            right[policy] += counts["own_covered_ms"]
            wrong[policy] += counts["others_covered_ms"] + counts["other_speech_covered_ms"]
    figures: dict[str, dict[str, float]] = {}
    for policy, total in spoken.items():
        if total:
            figures.setdefault(policy, {})["recall_audio"] = round(covered[policy] / total, 4)
        if right[policy]:
            figures.setdefault(policy, {})["precision_audio"] = round(
                right[policy] / (right[policy] + wrong[policy]), 4
            )
    return figures


def write_measured(folder: Path, figures: Measured) -> None:
    """Put `figures` in the place of those of the same name in `measured.json`. Raises OSError."""
    known = {policy: dict(row) for policy, row in read_measured(folder).items()}
    for policy, row in figures.items():
        known.setdefault(policy, {}).update(row)
    text = json.dumps(known, indent=1, sort_keys=True) + "\n"
    (folder / MEASURED).write_text(text, encoding="utf-8")


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _links(policies: tuple[Policy, ...]) -> str:
    return ", ".join(f"[`{policy}`]({policy}.md)" for policy in policies)


def _page(card: Card, figures: Mapping[str, float]) -> str:
    lines = [f"# {card.policy}", "", f"{card.what[0].upper()}{card.what[1:]}.", ""]
    chosen = "`all` and `everything` choose it." if card.default else "`everything` chooses it, `all` does not."
    if card.wider is not None:
        chosen += f" It is a kind of {_links((card.wider,))}: choosing that covers it, under that name."
    lines += [chosen, "", "## Sounds like", ""]
    lines += [f'- "{example}"' for example in card.examples]
    lines += ["", "## Found by", "", f"Rules: {card.how}."]
    if card.tagger:
        lines += ["", "The trained tagger looks for it as well, from the meaning of the sentence."]
    if card.narrower:
        lines += ["", f"Its kinds: {_links(card.narrower)}."]
    if card.related:
        lines += ["", f"See also: {_links(card.related)}."]
    lines += ["", "## Measured", ""]
    if figures:
        lines += ["| | |", "| --- | ---: |"]
        lines += [f"| {title} | {_share(figures[name])} |" for name, title in FIGURES.items() if name in figures]
    else:
        lines.append(f"{_UNMEASURED[0].upper()}{_UNMEASURED[1:]}.")
    return "\n".join(lines) + "\n"


def _index(measured: Measured) -> str:
    lines = [
        "# Policies",
        "",
        f"What can be redacted: AssemblyAI's {len(Policy)} policy names. Choosing is required: name one or more, or",
        f"`all` (the {len(DEFAULT_POLICIES)} kinds of personal information marked below) or `everything`.",
        "",
        "A number whose kind is not clear is covered under whichever chosen policy it may belong to.",
        "`number_sequence` covers every number of two digits or more, dates and amounts included. Choosing a wide",
        "policy covers its kinds under the wide name; choosing only a kind (`location_city`) finds just that part.",
        "",
        "These pages are written by `make policies` from the cards in `gateway/pii/data/cards.toml` and the figures in",
        f"[{MEASURED}]({MEASURED}), where there are any; a test fails when they are stale.",
        "",
        "| Policy | What it is | `all` | Recall, written | Recall, spoken | Recall, audio |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for policy, card in CARDS.items():
        figures = measured.get(policy, {})
        shown = [
            _share(figures[name]) if name in figures else "-"
            for name in ("recall_text_written", "recall_text_spoken", "recall_audio")
        ]
        default = "yes" if card.default else ""
        lines.append(f"| [`{policy}`]({policy}.md) | {card.what} | {default} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the pages of the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/policies"))
    parser.add_argument("--lines", type=Path, help="labelled lines of text to measure first")
    parser.add_argument("--reports", type=Path, nargs="+", default=[], help="report.json files of `evaluate`")
    options = parser.parse_args()
    if options.reports:
        write_measured(options.folder, read_reports(options.reports))
    if options.lines:
        write_measured(options.folder, measure_texts(options.lines))
    write_pages(options.folder)


if __name__ == "__main__":
    main()
