"""`python -m loadtest`: how many calls a gateway carries, and what becomes of its promises when there are more."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gateway.core.policy import parse_policies
from gateway.core.settings import SessionSettings
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS
from gateway.errors import GatewayError
from gateway.media.encoding import Encoding
from loadtest.baseline import Baseline
from loadtest.budgets import BUDGETS, BudgetError, State, judge_plateau, load_budgets
from loadtest.choices import clips_of, network_of, parse_cpus
from loadtest.conversation import Library
from loadtest.devsets import DEVSET
from loadtest.measuring import Measuring
from loadtest.network import PRESETS
from loadtest.page import write_report
from loadtest.plateau import Course, running_callers
from loadtest.ramp import find_knee
from loadtest.report import command_line, environment, knee_row, notes_of, print_report
from loadtest.scenario import Scenario, Timetable, call_kinds, kinds_of_lines, stagger_of
from loadtest.server_process import ServerFailed, server_process

BACKGROUND = 10
"""How nice this process is: scoring must not take time from the callers."""
MOST_LEGS = 2_000
LONGEST_S = 4 * 3600.0

EPILOG = """Examples:

  python -m loadtest --legs 4 --duration 40
      two telephone calls of two people each, through a gateway of its own

  python -m loadtest --ramp --legs 60 --server-cpus 0 --client-cpus 1
      more and more calls until a budget breaks: the knee of one core

  python -m loadtest --legs 12 --scenario webrtc --network wifi
      one leg a call at 48 kHz, over a bad network

  python -m loadtest --legs 8 --overload 2 --max-calls 4
      twice as many calls as are taken: what becomes of those inside, and how fast are the others refused?

  python -m loadtest --legs 12 --workers 2 --kill-worker-at 15 --baseline 12

  python -m loadtest --legs 20 --duration 3600
      an hour: does memory grow, does the delay drift?

The exit code is 1 when a budget of loadtest/budgets.toml is broken. docs/loadtest.md tells what the figures mean.
"""


def main(
    legs: Annotated[
        int, typer.Option(min=1, max=MOST_LEGS, help="Legs at once; a call of two people is two. With --ramp: at most.")
    ] = 4,
    scenario: Annotated[
        Scenario,
        typer.Option(
            help="telephone: two people on a socket, mu-law, 8 kHz. webrtc: a leg a socket, 48 kHz. captions: a leg, "
            "16 kHz, messages of 100 ms. mixed: a third of the legs each."
        ),
    ] = Scenario.TELEPHONE,
    duration: Annotated[
        float, typer.Option(min=5, max=LONGEST_S, help="Seconds that are measured, after the warm-up, per plateau.")
    ] = 30.0,
    warmup: Annotated[float, typer.Option(min=0, max=600, help="Seconds before, that are not measured.")] = 6.0,
    call_seconds: Annotated[float, typer.Option(min=10, max=600, help="A line hangs up and calls again after.")] = 90.0,
    talk_share: Annotated[float, typer.Option(min=0.05, max=0.9, help="How much of the time a leg talks.")] = 0.45,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same calls.")] = 1,
    ramp: Annotated[bool, typer.Option("--ramp", help="Look for the knee: more legs until a budget breaks.")] = False,
    ramp_from: Annotated[int, typer.Option(min=1, help="Legs of the first plateau of --ramp.")] = 4,
    ramp_step: Annotated[int, typer.Option(min=1, help="Legs more at each plateau of --ramp.")] = 6,
    overload: Annotated[float, typer.Option(min=1, max=20, help="Offer so many times the calls of --legs.")] = 1.0,
    kill_worker_at: Annotated[
        float | None, typer.Option(min=0, help="SIGKILL a worker so many seconds after the calls begin.")
    ] = None,
    baseline: Annotated[
        int, typer.Option(min=0, metavar="CALLS", help="Measure so many of the calls alone too: leaks under load.")
    ] = 0,
    lookahead: Annotated[int, typer.Option(help="Lookahead in ms.")] = DEFAULT_LOOKAHEAD_MS,
    policies: Annotated[str, typer.Option(help="What to redact: names with commas, or all.")] = "all",
    encoding: Annotated[Encoding | None, typer.Option(help="Instead of the scenario's own.")] = None,
    network: Annotated[
        str | None,
        typer.Option(help=f"{', '.join(PRESETS)}; of webrtc, the others come over a wire. [default: clean]"),
    ] = None,
    jitter: Annotated[float | None, typer.Option(min=0, help="Mean jitter in ms, over the preset's.")] = None,
    loss: Annotated[float | None, typer.Option(min=0, max=1, help="Share lost at random.")] = None,
    burst: Annotated[
        float | None, typer.Option(min=0, max=1, help="Probability that a burst of losses begins.")
    ] = None,
    reorder: Annotated[float | None, typer.Option(min=0, max=1, help="Share of packets that are overtaken.")] = None,
    drift: Annotated[float | None, typer.Option(help="The callers' clock, ppm too fast.")] = None,
    url: Annotated[
        str | None, typer.Option(help="A gateway that runs already, ws://HOST:PORT; default: start one.")
    ] = None,
    server_pid: Annotated[int | None, typer.Option(help="With --url: its process, to measure what it uses.")] = None,
    workers: Annotated[str | None, typer.Option(help="Of the own gateway: a number, or auto.")] = None,
    max_calls: Annotated[int | None, typer.Option(min=1, help="Of the own gateway: it refuses more.")] = None,
    server_argument: Annotated[
        list[str] | None, typer.Option(help="More arguments of `serve`, such as --server-argument=--engine=scripted.")
    ] = None,
    server_cpus: Annotated[str, typer.Option(help="Pin the own gateway to these CPUs: 0 or 0,2 or 0-3.")] = "",
    client_cpus: Annotated[str, typer.Option(help="Pin the callers and the scorer to these.")] = "",
    devset: Annotated[Path, typer.Option(help="Labelled sets; without them the sample call is spoken.")] = DEVSET,
    budgets: Annotated[Path, typer.Option(help="What must hold.")] = BUDGETS,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of loadtest.json and .html.")] = Path(
        "bench-output/loadtest"
    ),
) -> None:
    """Call a gateway with many paced calls of real speech, and measure delay, coverage, leaks, CPU and memory."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(width=None if Console().is_terminal else 200)
    try:
        limits = load_budgets(budgets)
        wanted = SessionSettings(policies=parse_policies(policies), lookahead_ms=lookahead)
        over = {"jitter_ms": jitter, "loss": loss, "burst_begins": burst, "reorder": reorder, "drift_ppm": drift}
        kinds = call_kinds(scenario, wanted, network_of(network, over), encoding)
        on_server, on_client = parse_cpus(server_cpus), parse_cpus(client_cpus)
        library = Library(clips_of(devset))
        offered = min(round(legs * overload), MOST_LEGS)
        lines = len(kinds_of_lines(kinds, offered))
        if not lines:
            raise ValueError("--legs: a call of this scenario has more legs")
        if kill_worker_at is not None and ((url is not None and server_pid is None) or ramp):
            raise ValueError("--kill-worker-at: needs the gateway's process (--server-pid) and one plateau (no --ramp)")
        if kill_worker_at is not None and kill_worker_at >= warmup + duration:
            raise ValueError("--kill-worker-at: comes after the end")
        if ramp and baseline:
            raise ValueError("--baseline: of one plateau; run it at the knee, without --ramp")
    except (GatewayError, BudgetError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    table = Timetable(warmup, duration, call_seconds, stagger_of(lookahead, lines))
    if table.stagger_s + 2.0 > warmup:
        table = replace(table, warmup_s=table.stagger_s + 2.0)
    arguments = _arguments(workers, max_calls, server_argument or [])
    try:
        with ExitStack() as stack:
            base, pid = _server(stack, url, server_pid, arguments, on_server)
            callers = stack.enter_context(running_callers(library.clips, lines, on_client))
            if on_client:
                os.sched_setaffinity(0, on_client)
            os.nice(BACKGROUND)
            course = Course(base, pid, scenario.value, kinds, talk_share, seed)
            bench = Measuring(course, library, callers, table, kill_worker_at)
            knee: int | None = None
            if ramp:
                grain = max(kind.legs for kind in kinds)
                knee = find_knee(lambda count: bench.holds(count, limits), ramp_from, ramp_step, legs, grain)
            else:
                bench.measure(offered, keep=baseline > 0)
        if baseline and not ramp and not bench.stopped:
            bench.compare(Baseline(library, output / "alone"), baseline)
    except (ServerFailed, RuntimeError, OSError) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    rows = bench.rows
    judged = next((row for row in rows if ramp and row["legs"] == knee), rows[-1])
    verdicts = judge_plateau(judged, limits)
    report: dict[str, Any] = {
        "command": command_line(),
        "environment": environment(on_server, on_client),
        "stopped_early": bench.stopped,
        "plateaus": sorted(rows, key=lambda row: int(row["legs"])),
        "knee": knee_row(knee, rows, on_server) if ramp else None,
        "budgets": [verdict.row() for verdict in verdicts],
        "notes": notes_of(rows),
    }
    print_report(console, report, verdicts)
    for path in write_report(output, report):
        console.print(f"written: {path}")
    if any(verdict.state is State.BROKEN for verdict in verdicts):
        raise typer.Exit(1)


def _server(
    stack: ExitStack, url: str | None, pid: int | None, arguments: list[str], cpus: frozenset[int]
) -> tuple[str, int | None]:
    """The address of the gateway to call, and its process where that is known."""
    if url is not None:
        return url, pid
    server = stack.enter_context(server_process(arguments, cpus))
    return server.base, server.pid


def _arguments(workers: str | None, max_calls: int | None, more: list[str]) -> list[str]:
    """What the own gateway is started with."""
    given = {"--workers": workers, "--max-calls": max_calls}
    chosen = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    return ["--log-level", "error", *chosen, *more]


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(epilog=EPILOG)(main)
    app()
