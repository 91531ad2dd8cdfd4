"""`demo`: the whole thing on this machine, from a server to the files it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_EPILOG = """Example:

  redaction-gateway demo -o demo-output
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog=_EPILOG, short_help="Play the bundled call through a gateway.")(demo)


def demo(
    out_dir: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the results go.")] = Path(
        "demo-output"
    ),
) -> None:
    """Start a gateway, play the bundled sample call through it in real time, and leave the results."""
    import asyncio
    from contextlib import ExitStack
    from importlib.resources import as_file, files

    from rich.console import Console

    from gateway.cli.player import open_playback, stream_address
    from gateway.cli.recording import run_call
    from gateway.cli.subserver import running_server
    from gateway.core.policy import DEFAULT_POLICIES
    from gateway.core.settings import SessionSettings
    from gateway.observe.log import configure_logging

    configure_logging()
    console = Console(highlight=False)
    with as_file(files("gateway") / "data" / "sample_call.wav") as sample:
        playback = open_playback(sample)
        settings = SessionSettings(DEFAULT_POLICIES, sample_rate=playback.rate, channels=playback.media.channels)
        with ExitStack() as stack:
            with console.status("Starting a gateway on this machine (the first time, its model is prepared)"):
                url = stack.enter_context(running_server(out_dir))
            seconds = (playback.media.expected_samples or 0) / playback.media.rate
            console.print(
                f"Playing the sample call ({seconds:.0f} s, {playback.media.channels} legs, {playback.rate} Hz) "
                f"through {url} in real time; it comes out {settings.lookahead_ms / 1000:.0f} s later.\n",
                soft_wrap=True,
            )
            address = stream_address(url, settings)
            asyncio.run(run_call(playback, address, None, settings, out_dir, console))
    console.print(
        f"\nListen to {out_dir / 'sample_call.wav'} and look at {out_dir / 'sample_call.png'}; the gateway's log is "
        f"{out_dir / 'gateway.log'}.",
        markup=False,
        soft_wrap=True,
    )
