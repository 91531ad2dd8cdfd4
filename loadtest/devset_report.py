"""What the gateway leaks and covers on labelled calls, run offline.

    python -m loadtest.devset_report [--set digits] [--lookahead 2000] [--policies all] [--jobs 2] [-o DIR]

Prints tables for each set and, with -o, writes `devset.json`. `loadtest/scoring.py` says what the figures mean.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from gateway.asr.base import Recognizer
from gateway.asr.registry import create_recognizer
from gateway.core.policy import parse_policies
from gateway.core.settings import SessionSettings
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS
from gateway.errors import GatewayError
from gateway.pii.detector import RuleDetector
from loadtest.labels import DEVSET, Clip, load_set
from loadtest.offline_run import score_clip
from loadtest.results import ClipResult, by_split, score_row, total
from loadtest.tables import print_misses, print_set


class SetName(StrEnum):
    """The labelled sets."""

    DIGITS = "digits"
    CALLS = "calls"
    REAL = "real"
    SAMPLE = "sample"


def main(
    sets: Annotated[
        list[SetName] | None, typer.Option("--set", help="Which sets; repeat for several. Default: all.")
    ] = None,
    lookahead: Annotated[int, typer.Option(help="Lookahead in ms.")] = DEFAULT_LOOKAHEAD_MS,
    policies: Annotated[str, typer.Option(help="What to redact: names with commas, or all.")] = "all",
    rate: Annotated[int | None, typer.Option(help="Resample every clip to this rate first, in Hz.")] = None,
    clip: Annotated[str, typer.Option(help="Only clips whose name begins so.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    explain: Annotated[bool, typer.Option(help="List every leak and false finding, with its words.")] = False,
    devset: Annotated[Path, typer.Option(help="The folder of the labelled sets.")] = DEVSET,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write devset.json into this folder.")] = None,
) -> None:
    """Report what is leaked and covered on the labelled sets."""
    console = Console(width=None if Console().is_terminal else 200)
    try:
        wanted = SessionSettings(policies=parse_policies(policies), lookahead_ms=lookahead)
        chosen = load_sets(sets or list(SetName), devset, rate, clip)
    except (GatewayError, ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    runs = run_all(chosen, wanted, jobs)
    results = list(track(runs, "redacting", total=len(chosen), console=Console(stderr=True), transient=True))
    order = {(set_name, one.name): place for place, (set_name, one) in enumerate(chosen)}
    results.sort(key=lambda result: order[result.set_name, result.name])
    report: dict[str, object] = {"lookahead_ms": lookahead, "policies": sorted(wanted.policies), "rate": rate}
    for set_name in dict.fromkeys(set_name for set_name, _ in chosen):
        own = [result for result in results if result.set_name == set_name]
        splits, whole = by_split(own), total(own)
        print_set(console, set_name, splits, whole, lookahead)
        report[set_name] = {
            "all": score_row(whole, lookahead, explain=explain),
            "groups": {name: score_row(score, lookahead) for name, score in splits.items()},
            "clips": {result.name: score_row(result.score, lookahead) for result in own},
        }
    if explain:
        print_misses(console, results)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        path = output / "devset.json"
        path.write_text(json.dumps(report, indent=1) + "\n")
        console.print(f"written: {path}")


def load_sets(names: list[SetName], devset: Path, rate: int | None, prefix: str) -> list[tuple[str, Clip]]:
    """The chosen clips with the names of their sets. Raises OSError, or ValueError when nothing is left."""
    chosen = [
        (name.value, clip if rate is None else clip.at_rate(rate))
        for name in names
        for clip in load_set(name, devset)
        if clip.name.startswith(prefix)
    ]
    if not chosen:
        raise ValueError(f"no clip of the chosen sets begins with {prefix!r}")
    return chosen


def run_all(chosen: list[tuple[str, Clip]], wanted: SessionSettings, jobs: int) -> Iterator[ClipResult]:
    """Run every clip, in this process or in several; results come as they are done."""
    if jobs == 1:
        for set_name, clip in chosen:
            yield _run(set_name, clip, wanted)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(_run, set_name, clip, wanted) for set_name, clip in chosen]
        for future in as_completed(futures):
            yield future.result()


def _run(set_name: str, clip: Clip, wanted: SessionSettings) -> ClipResult:
    return score_clip(set_name, clip, wanted, _recognizer(), RuleDetector(wanted.policies))


@lru_cache(maxsize=1)
def _recognizer() -> Recognizer:
    """One model for each process."""
    return create_recognizer()


if __name__ == "__main__":
    typer.run(main)
