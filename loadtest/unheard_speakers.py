"""What leaks of speakers whom the number head never heard: `python -m loadtest.unheard_speakers FOLDS`.

FOLDS is what `python -m models.number_head.train --folds FOLDS` wrote: heads, each trained without some speakers, and
`folds.json`, which names the clips that those are heard in. Every clip is run with a head that did not hear it, in
virtual time, everything else as `redaction-gateway evaluate` does it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from gateway.asr.registry import create_recognizer
from gateway.core.policy import parse_policies
from gateway.evaluation.clip_run import Plan, evaluate_clip
from gateway.evaluation.figures import share
from gateway.evaluation.labels import Clip, read_clips
from gateway.evaluation.results import Score
from gateway.pii.combined import create_detector
from loadtest.devsets import DEVSET

SETS = ("digits", "real")


def main(
    folds: Annotated[Path, typer.Argument(help="The folder of the heads.")],
    lookahead: Annotated[str, typer.Option(help="Lookaheads in ms, with commas.")] = "2000",
    policies: Annotated[str, typer.Option(help="What is to be redacted.")] = "all",
    devset: Annotated[Path, typer.Option(help="The folder of the labelled sets.")] = DEVSET,
) -> None:
    """Print, for every group of speakers and lookahead, what was covered."""
    lookaheads = tuple(int(one) for one in lookahead.split(","))
    plan = Plan(parse_policies(policies), lookaheads[0], lookaheads)
    clips = {clip.name: clip for name in SETS for clip in read_clips(devset / name)}
    left_out = _left_out(folds, clips)
    scores: dict[tuple[str, int], Score] = {}
    steps = [(fold, clip) for fold, chosen in left_out.items() for clip in chosen]
    recognizer, loaded = create_recognizer(), ""
    for fold, clip in track(steps, "redacting", console=Console(stderr=True), transient=True):
        if fold != loaded:
            recognizer, loaded = create_recognizer(number_head=folds / f"{fold}.onnx"), fold
        report = evaluate_clip(clip, plan, recognizer, create_detector)
        for lookahead_ms, score in report.by_lookahead.items():
            group = f"{clip.set_name}: {clip.speaker if clip.set_name == 'digits' else clip.group}"
            scores.setdefault((group, lookahead_ms), Score()).add(score)
            scores.setdefault((f"{clip.set_name}: all", lookahead_ms), Score()).add(score)
    Console(width=120).print(_table(scores))


def _left_out(folds: Path, clips: dict[str, Clip]) -> dict[str, list[Clip]]:
    """The clips of each fold, each in the first fold that did not hear it."""
    chosen: dict[str, list[Clip]] = {}
    taken: set[str] = set()
    for fold, described in json.loads((folds / "folds.json").read_text()).items():
        for name in dict.fromkeys(leg.rpartition(".")[0] for leg in described["left_out_clips"]):
            if name in clips and name not in taken:
                taken.add(name)
                chosen.setdefault(fold, []).append(clips[name])
    return chosen


def _table(scores: dict[tuple[str, int], Score]) -> Table:
    table = Table("speakers", "lookahead", "clips", "covered", "digit time", "digits", "other speech", "late")
    for (group, lookahead_ms), score in sorted(scores.items()):
        total, other = score.audio.total, score.audio.other
        table.add_row(
            group,
            str(lookahead_ms),
            str(score.clips),
            _percent(total.covered_share),
            _percent(total.digit_covered_share),
            f"{total.digits_covered}/{total.digits}",
            _percent(share(other.covered_ms, other.speech_ms)),
            _percent(share(other.late_ms, other.speech_ms)),
        )
    return table


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{100 * part:.1f} %"


if __name__ == "__main__":
    typer.run(main)
