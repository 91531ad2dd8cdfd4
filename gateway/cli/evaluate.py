"""`evaluate`: what leaks and what is covered without need, on a labelled set."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.choices import chosen_lookahead, chosen_policies
from gateway.errors import MediaError, OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.evaluation.clip_run import ClipReport, Plan
    from gateway.evaluation.labels import Clip

_EPILOG = """SET is a folder with manifest.jsonl and WAV files, a folder of such folders, a NAME.labels.json beside its
NAME.wav, or a *.jsonl of labelled text. DIR gets report.json, report.md and pictures. Nothing in them was said in a
recording, unless --explain asks for it.

Calls run in virtual time: nothing waits, and every step is charged the compute time measured on this machine.

Examples:

  redaction-gateway evaluate sets/digits -o report --jobs 2

  redaction-gateway evaluate sets -o report --lookahead 500,1000,1500,2000,3000 --strength strict,balanced,precise

  redaction-gateway evaluate sets/calls --clip d01 --against theirs/d01.wav -o report
"""


class _Half(StrEnum):
    A = "a"
    B = "b"
    BOTH = "both"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate", epilog=_EPILOG, short_help="Measure what leaks, on a labelled set.")(evaluate)


def evaluate(
    source: Annotated[Path, typer.Argument(metavar="SET", help="A labelled set.", show_default=False)],
    out_dir: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the report goes.")],
    lookahead: Annotated[
        str,
        typer.Option(
            metavar="MS,...", help="Lookaheads to run at; all but the curve is measured at 2000, or the first."
        ),
    ] = "2000",
    policies: Annotated[
        str, typer.Option("--policies", "-p", metavar="A,B|all", help="What is to be redacted.")
    ] = "all",
    strength: Annotated[
        str, typer.Option(metavar="A,...", help="Operating points to compare: strict,balanced,precise.")
    ] = "",
    selectivity: Annotated[bool, typer.Option(help="Also run one policy at a time.")] = True,
    against: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Score this file, or the files in this folder, of another system."),
    ] = None,
    clip: Annotated[str, typer.Option(metavar="PREFIX", help="Only clips whose name begins so.")] = "",
    half: Annotated[
        _Half, typer.Option(help="Only one half of the speakers: a is for tuning, b held out.")
    ] = _Half.BOTH,
    rate: Annotated[
        int | None, typer.Option(min=4000, max=384_000, metavar="HZ", help="Resample every clip to this rate first.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
    explain: Annotated[
        bool, typer.Option(help="Also list every miss with its words: the report then holds speech.")
    ] = False,
    engine: Annotated[str, typer.Option(help="The speech recogniser.")] = "moonshine",
) -> None:
    """Measure what leaks, and what is covered without need, on a labelled set."""
    plan = _plan(policies, lookahead, strength)
    from dataclasses import replace

    from gateway.evaluation.foreign import find_outputs
    from gateway.evaluation.labels import holds_clips, read_clips
    from gateway.evaluation.markdown import markdown
    from gateway.evaluation.plots import write_plots
    from gateway.evaluation.report import report_row
    from gateway.evaluation.run import labelled_policies, run_clips, score_outputs
    from gateway.evaluation.text_files import find_texts, text_reports, text_section
    from gateway.files.atomic import replacing
    from gateway.observe.log import configure_logging

    configure_logging()
    texts = find_texts(source) if against is None and not clip else []
    clips: list[Clip] = []
    if holds_clips(source) or not texts:
        clips = [one for one in read_clips(source, clip, rate) if half is _Half.BOTH or one.half.value == half.value]
        if not clips:
            raise OptionError(f"--half: no clip of {source} is in half {half}")
    if against is None:
        plan = replace(plan, selectivity=labelled_policies(clips, plan.policies) if selectivity else ())
        runs = run_clips(clips, plan, engine, jobs)
    else:
        plan = replace(plan, lookaheads_ms=(plan.lookahead_ms,), strengths=())
        runs = score_outputs(clips, plan, find_outputs(against, clips))
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"{out_dir}: cannot be made ({error.strerror})") from None
    reports = _watched(runs, clips)
    of_texts = text_reports(texts, plan.policies)
    report = report_row(
        reports,
        plan,
        engine=engine if against is None else None,
        rate=rate,
        texts={name: one.row() for name, one in of_texts.items()} or None,
        explain=explain,
    )
    written = markdown(report, write_plots(out_dir, report), text_section(of_texts))
    for name, text in (("report.json", json.dumps(report, indent=1) + "\n"), ("report.md", written)):
        with replacing(out_dir / name) as file:
            file.write(text.encode())
    _print_overview(written)
    typer.echo(f"written: {out_dir / 'report.md'}, {out_dir / 'report.json'}")


def _plan(policies: str, lookahead: str, strength: str) -> Plan:
    from gateway.core.strength import Strength
    from gateway.core.timing import DEFAULT_LOOKAHEAD_MS
    from gateway.evaluation.clip_run import Plan

    try:
        lookaheads = tuple(sorted({chosen_lookahead(int(part)) for part in lookahead.split(",")}))
    except ValueError:
        raise OptionError(f"--lookahead: {lookahead[:40]!a} is not a list of milliseconds such as 1000,2000") from None
    names = [name.strip() for name in strength.split(",") if name.strip()]
    if unknown := [name for name in names if name not in set(Strength)]:
        raise OptionError(f"--strength: there is no {unknown[0][:40]!a}; allowed: {', '.join(Strength)}")
    main = DEFAULT_LOOKAHEAD_MS if DEFAULT_LOOKAHEAD_MS in lookaheads else lookaheads[0]
    return Plan(chosen_policies(policies), main, lookaheads, tuple(Strength(name) for name in names))


def _watched(runs: Iterable[ClipReport], clips: list[Clip]) -> list[ClipReport]:
    """All reports, in the order of the clips, with a bar while they are made."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True, highlight=False)
    reports = list(
        track(runs, "evaluating", total=len(clips), console=console, transient=True, disable=not console.is_terminal)
    )
    order = {(clip.set_name, clip.name): place for place, clip in enumerate(clips)}
    return sorted(reports, key=lambda report: order[report.clip.set_name, report.clip.name])


def _print_overview(written: str) -> None:
    """The first table of the report: how it went."""
    table = next((part for part in written.split("\n\n") if part.startswith("|")), "")
    typer.echo(table)
