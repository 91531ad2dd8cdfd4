"""What a live gateway leaks, covers and shows, how late everything comes, and how it differs from offline.

    python -m loadtest.live_report FILE.wav... | --set sample  [--url ws://127.0.0.1:8080] [--calls 1] [-o DIR]

Plays recordings in real time over the raw WebSocket protocol, to a server of its own on a free port unless --url names
one. FILE may have labels beside it: `call.wav` and `call.labels.json`. With -o, `live.json` is written.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.asr.base import Recognizer
from gateway.asr.registry import create_recognizer
from gateway.core.policy import parse_policies
from gateway.core.settings import Pace, SessionSettings
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS
from gateway.errors import GatewayError
from gateway.evaluation.labels import Clip, clip_from_file
from gateway.evaluation.offline import clip_settings, redact_clip
from gateway.evaluation.results import ClipResult, by_group, judge, percentile, score_row, total
from gateway.pii.combined import create_detector
from gateway.wire.options import SAMPLE_RATES
from loadtest.devsets import DEVSET, SetName, load_sets
from loadtest.live_client import LiveRecording, play
from loadtest.server_process import ServerFailed, running_server
from loadtest.span_difference import WORD_EDGE_MS, Comparison, compare
from loadtest.tables import milliseconds, print_misses, print_set


@dataclass(frozen=True, slots=True)
class LiveResult:
    """One call: its score, what came back, and how it differs from the same recording run offline."""

    scored: ClipResult
    recording: LiveRecording
    delays_ms: list[float]
    comparison: Comparison

    @property
    def whole(self) -> bool:
        """Whether as many bytes came back as were sent, and the call ended as it should."""
        return self.recording.outcome.audio is not None and self.recording.close_code == 1000


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="WAV files (PCM16).", show_default=False)] = None,
    sets: Annotated[list[SetName] | None, typer.Option("--set", help="Labelled sets; repeat for several.")] = None,
    url: Annotated[str | None, typer.Option(help="A gateway that runs already; default: start one.")] = None,
    lookahead: Annotated[int, typer.Option(help="Lookahead in ms.")] = DEFAULT_LOOKAHEAD_MS,
    policies: Annotated[str, typer.Option(help="What to redact: names with commas, or all.")] = "all",
    rate: Annotated[int | None, typer.Option(help="Resample every clip to this rate first, in Hz.")] = None,
    clip: Annotated[str, typer.Option(help="Of the sets, only clips whose name begins so.")] = "",
    calls: Annotated[int, typer.Option(min=1, help="How many calls at a time.")] = 1,
    explain: Annotated[bool, typer.Option(help="List every leak and false finding, with its words.")] = False,
    devset: Annotated[Path, typer.Option(help="The folder of the labelled sets.")] = DEVSET,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write live.json into this folder.")] = None,
) -> None:
    """Report on calls played live."""
    console = Console(width=None if Console().is_terminal else 200)
    try:
        wanted = SessionSettings(policies=parse_policies(policies), lookahead_ms=lookahead)
        chosen = [clip_from_file(path) for path in files or []]
        chosen += load_sets(sets, devset, rate, clip) if sets else []
        if not chosen:
            raise ValueError("name a file or a set")
    except (GatewayError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    playable = [one.at_rate(_offered_rate(one.sample_rate)) for one in chosen]
    try:
        if url is None:
            with running_server() as base:
                recordings = asyncio.run(_play_all(base, playable, wanted, calls))
        else:
            recordings = asyncio.run(_play_all(url, playable, wanted, calls))
    except (ServerFailed, ConnectionError) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    recognizer = create_recognizer()
    results = [_result(one, recording, wanted, recognizer) for one, recording in zip(playable, recordings, strict=True)]
    _print(console, results, lookahead, explain=explain)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        path = output / "live.json"
        path.write_text(json.dumps(_as_json(results, wanted), indent=1) + "\n")
        console.print(f"written: {path}")
    if not all(result.whole for result in results):
        raise typer.Exit(1)


def _offered_rate(sample_rate: int) -> int:
    """The lowest rate of the protocol that holds all of a recording, or the highest there is."""
    return next((rate for rate in SAMPLE_RATES if rate >= sample_rate), SAMPLE_RATES[-1])


async def _play_all(base: str, chosen: list[Clip], wanted: SessionSettings, calls: int) -> list[LiveRecording]:
    lines = asyncio.Semaphore(calls)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("playing", total=len(chosen))

        async def call(clip: Clip) -> LiveRecording:
            async with lines:
                settings = clip_settings(clip, wanted, Pace.REALTIME)
                recording = await play(base, clip.load(), settings)
            progress.advance(task)
            return recording

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(call(clip)) for clip in chosen]
        except* OSError as failed:
            raise ConnectionError(f"{base}: {failed.exceptions[0]}") from None
    return [task.result() for task in tasks]


def _result(clip: Clip, recording: LiveRecording, wanted: SessionSettings, recognizer: Recognizer) -> LiveResult:
    samples = clip.load()
    offline = redact_clip(clip, samples, wanted, recognizer, create_detector(wanted.detection))
    scored = ClipResult(clip, judge(clip, samples, recording.outcome, wanted.policies))
    comparison = compare(recording.redactions, offline.redactions or ())
    return LiveResult(scored, recording, recording.added_delays_ms(), comparison)


def _print(console: Console, results: list[LiveResult], lookahead: int, *, explain: bool) -> None:
    scored = [result.scored for result in results]
    for set_name in dict.fromkeys(one.clip.set_name for one in scored):
        own = [one for one in scored if one.clip.set_name == set_name]
        print_set(console, f"{set_name}, live", by_group(own), total(own), lookahead)
    table = Table("call", title="live", title_justify="left")
    headings = ("added delay p50", "p99", "most", "late ms", "bytes", "close", "warnings")
    headings_offline = ("same as offline", "other stretches", "longest", "beyond a word edge", "forced ms")
    for heading in (*headings, *headings_offline):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(result.scored.clip.name, *_live_cells(result))
    table.add_section()
    delays = [delay for result in results for delay in result.delays_ms]
    table.add_row("all", *_delay_cells(delays))
    console.print(table)
    for result in results:
        for difference in result.comparison.beyond_a_word_edge if result.whole else ():
            where = f"{result.scored.clip.name} leg {difference.leg} {difference.start_ms}-{difference.end_ms} ms"
            console.print(f"[red]{where}: only {'live' if difference.only_live else 'offline'}[/red]")
    if explain:
        print_misses(console, scored)


def _delay_cells(delays: list[float]) -> list[str]:
    return [milliseconds(percentile(delays, percent)) for percent in (50, 99, 100)]


def _live_cells(result: LiveResult) -> list[str]:
    comparison = result.comparison
    unforced = [difference.length_ms for difference in comparison.differences if not difference.forced]
    return [
        *_delay_cells(result.delays_ms),
        str(result.scored.score.audio.covered_late_ms),
        "equal" if result.recording.outcome.audio is not None else "[red]differ[/red]",
        str(result.recording.close_code),
        ",".join(sorted(set(result.recording.faults))) or "-",
        f"{comparison.same}/{comparison.redactions}",
        str(len(unforced)),
        f"{max(unforced, default=0)} ms",
        str(len(comparison.beyond_a_word_edge)),
        str(comparison.forced_ms),
    ]


def _as_json(results: list[LiveResult], wanted: SessionSettings) -> dict[str, Any]:
    lookahead = wanted.lookahead_ms
    delays = [delay for result in results for delay in result.delays_ms]
    return {
        "lookahead_ms": lookahead,
        "policies": sorted(wanted.policies),
        "word_edge_ms": WORD_EDGE_MS,
        "all": score_row(total(result.scored for result in results), lookahead),
        "added_delay_ms": _delay_row(delays),
        "calls": {result.scored.clip.name: _call_row(result, lookahead) for result in results},
    }


def _call_row(result: LiveResult, lookahead: int) -> dict[str, Any]:
    recording, comparison = result.recording, result.comparison
    return {
        **score_row(result.scored.score, lookahead),
        "added_delay_ms": _delay_row(result.delays_ms),
        "bytes_equal": recording.outcome.audio is not None,
        "close_code": recording.close_code,
        "faults": recording.faults,
        "statistics": recording.done,
        "offline": {
            "redactions": comparison.redactions,
            "same": comparison.same,
            "forced_ms": comparison.forced_ms,
            "differences": [asdict(difference) for difference in comparison.differences],
        },
    }


def _delay_row(delays: list[float]) -> dict[str, float | None]:
    return {f"p{percent}": percentile(delays, percent) for percent in (50, 99, 100)}


if __name__ == "__main__":
    typer.run(main)
