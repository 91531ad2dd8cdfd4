"""This gateway's text detection beside Presidio and scrubadub, on the same labelled lines: `make bench-detection`.

Writes the tables into `docs/benchmarks.md` and the figures as JSON. With `--no-peers --faults` it measures this gateway
alone and lists what it missed and what it wrongly found in the half that is tuned on; this prints the lines.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress

from gateway.evaluation.text_scoring import Found, Half, TextLine, read_lines
from gateway.evaluation.texts import TextDetector, TextReport, evaluate_lines, labelled_policies, own_detector
from loadtest.detection_tables import COMMAND, Comparison, System, tables
from loadtest.peer_kinds import PRESIDIO, SCRUBADUB, as_findings, claimed_policies
from loadtest.peer_process import PeerError, PeerRun, run_peer

CHECKOUT = Path(__file__).resolve().parents[1]
LINES = CHECKOUT.parent / "shared" / "devset" / "text" / "lines.jsonl"
DOC = CHECKOUT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- detection: begin -->", "<!-- detection: end -->"

LEAST_SCORES = tuple(step / 20 for step in range(20))
"""Score thresholds tried for a peer: the best on the tuned half is shown beside its default, none."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer to run, and what its kinds are called here."""

    name: str
    command: tuple[str, ...]
    policies_of: Mapping[str, tuple[str, ...]]


def installed_peers(venv: Path, spacy_model: str | None) -> list[Peer]:
    """The peers in their virtual environment."""
    scripts, python = Path(__file__).parent / "peers", str(venv / "bin" / "python")
    presidio = (python, str(scripts / "presidio_peer.py"), *([spacy_model] if spacy_model else []))
    return [
        Peer("Presidio", presidio, PRESIDIO),
        Peer("scrubadub", (python, str(scripts / "scrubadub_peer.py")), SCRUBADUB),
    ]


def run_own(lines: Sequence[TextLine], policies: Sequence[str]) -> tuple[list[tuple[Found, ...]], list[float]]:
    """What this gateway finds in every line, and the seconds that each took."""
    detect = own_detector(policies)
    found, seconds = [], []
    for line in lines:
        began = time.perf_counter()
        found.append(tuple(detect(line.text, line.previous)))
        seconds.append(time.perf_counter() - began)
    return found, seconds


def replay(lines: Sequence[TextLine], found: Sequence[Sequence[Found]]) -> TextDetector:
    """A detector that answers with what was found before."""
    by_text = {(line.text, line.previous): tuple(spans) for line, spans in zip(lines, found, strict=True)}
    return lambda text, previous: by_text[text, previous]


def best_least_score(lines: Sequence[TextLine], run: PeerRun, policies_of: Mapping[str, tuple[str, ...]]) -> float:
    """The threshold with the best F1 on the tuned half, all forms together; the lowest of several."""
    policies = claimed_policies(run.kinds, policies_of)
    tuned = [replace(line, form="all") for line in lines if line.half is Half.TUNED]

    def f1(least: float) -> float:
        found = [as_findings(spans, policies_of, least) for spans in run.spans]
        return evaluate_lines(tuned, policies, replay(lines, found)).score("all").total.f1 or 0.0

    return max(LEAST_SCORES, key=lambda least: (f1(least), -least))


def median_ms(rounds: Sequence[Sequence[float]]) -> float:
    """Milliseconds for a line: the median of its rounds, the mean of all lines."""
    return 1000 * statistics.fmean(statistics.median(times) for times in zip(*rounds, strict=True))


def compare(
    lines: Sequence[TextLine], peers: Sequence[Peer], rounds: int, step: Callable[[str], None]
) -> tuple[list[System], list[Comparison]]:
    """Run everything `rounds` times in turn; `step` is told what comes next. The gateway comes first.

    Raises PeerError.
    """
    policies = labelled_policies(lines)
    own_found: list[tuple[Found, ...]] = []
    own_rounds: list[list[float]] = []
    peer_runs: list[list[PeerRun]] = [[] for _ in peers]
    run_own(lines[:5], policies)
    for number in range(1, rounds + 1):
        step(f"round {number}: this gateway")
        own_found, seconds = run_own(lines, policies)
        own_rounds.append(seconds)
        for peer, runs in zip(peers, peer_runs, strict=True):
            step(f"round {number}: {peer.name}")
            runs.append(run_peer(peer.command, lines))
    own = System(
        "gateway",
        f"redaction-gateway {version('redaction-gateway')}",
        evaluate_lines(lines, policies, replay(lines, own_found)),
        median_ms(own_rounds),
    )
    systems, comparisons = [own], []
    for peer, runs in zip(peers, peer_runs, strict=True):
        run, ms = runs[0], median_ms([run.seconds for run in runs])
        step(f"scores of {run.name}")
        claimed = claimed_policies(run.kinds, peer.policies_of)
        alone: list[System] = []
        for least in sorted({0.0, best_least_score(lines, run, peer.policies_of)}):
            detector = replay(lines, [as_findings(spans, peer.policies_of, least) for spans in run.spans])
            system = System(
                f"{run.name} ≥ {least:.2f}" if least else run.name,
                f"{run.name} {run.version}, {run.about}" + (f", only scores of {least:.2f} or more" if least else ""),
                evaluate_lines(lines, policies, detector),
                ms,
            )
            systems.append(system)
            alone.append(replace(system, report=evaluate_lines(lines, claimed, detector)))
        own_alone = replace(own, report=evaluate_lines(lines, claimed, own_detector(claimed)))
        comparisons.append(Comparison(own_alone, tuple(alone)))
    return systems, comparisons


def rewritten(document: str, table: str) -> str:
    """The document with the table between its two markers. Raises ValueError when it lacks one."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def as_json(systems: Sequence[System], comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """All figures, without text of the lines."""

    def row(system: System) -> dict[str, Any]:
        return {"name": system.name, "about": system.about, "ms_per_line": system.ms_per_line} | system.report.row()

    return {
        "command": COMMAND,
        "systems": [row(system) for system in systems],
        "on_own_kinds": [
            {"gateway": row(compared.own), "peers": [row(peer) for peer in compared.peers]} for compared in comparisons
        ],
    }


def print_faults(console: Console, lines: Sequence[TextLine], report: TextReport) -> None:
    """Every label not found and every wrong finding in the tuned half. This prints the lines."""
    texts = {line.name: line.text for line in lines}
    for form in report.forms:
        for fault in report.score(form, Half.TUNED).mistakes:
            text = texts[fault.line]
            shown = f"{text[: fault.start]}<<{text[fault.start : fault.end]}>>{text[fault.end :]}"
            console.print(
                f"{fault.fault:16} {fault.policy:26} {fault.line:8} {shown}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, default=LINES, help="the labelled lines")
    parser.add_argument("--peers", type=Path, default=CHECKOUT / "bench-output" / "peers-venv", help="the peers' venv")
    parser.add_argument("--no-peers", action="store_true", help="measure this gateway alone, leave the document alone")
    parser.add_argument("--spacy-model", help="a spaCy model in the peers' environment, for Presidio")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything runs, for the times")
    parser.add_argument("--faults", action="store_true", help="list the faults in the tuned half, with the lines")
    parser.add_argument("-o", "--output", type=Path, default=CHECKOUT / "bench-output", help="folder for the JSON")
    parser.add_argument("--doc", type=Path, default=DOC, help="the document with the tables")
    options = parser.parse_args()
    console = Console()
    lines = read_lines(options.lines)
    peers = [] if options.no_peers else installed_peers(options.peers, options.spacy_model)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("start", total=options.rounds * (1 + len(peers)) + len(peers))

        def step(what: str) -> None:
            progress.update(task, description=what, advance=1)

        try:
            systems, comparisons = compare(lines, peers, options.rounds, step)
        except PeerError as problem:
            console.print(f"{problem}\n`{COMMAND}` makes the peers' environment.", style="red", markup=False)
            return 1
    if options.faults:
        print_faults(console, lines, systems[0].report)
    if options.no_peers:
        console.print(Markdown(systems[0].report.markdown()))
        return 0
    table = tables(systems, comparisons)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "detection.json").write_text(json.dumps(as_json(systems, comparisons), indent=1) + "\n")
    options.doc.write_text(rewritten(options.doc.read_text(encoding="utf-8"), table), encoding="utf-8")
    console.print(Markdown(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
