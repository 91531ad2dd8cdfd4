"""`call`: play a file into a live call, and watch it come out redacted."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.choices import (
    AllowFileOption,
    AllowOption,
    AudioOption,
    CustomPoliciesOption,
    DenyFileOption,
    DenyOption,
    LookaheadOption,
    PoliciesOption,
    StrengthOption,
    SubOption,
    chosen_detection,
    chosen_lookahead,
    session_settings,
)
from gateway.cli.review import ReviewBelowOption
from gateway.core.policy import Substitution
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS
from gateway.errors import OptionError

_EPILOG = """The file is played at the pace it is spoken; captions appear as they are decided. With -o, what came back
is left in DIR: NAME.wav, the transcript as NAME.json, .txt, .srt and .vtt, and NAME.png, a picture of it.

Examples:

  redaction-gateway call call.wav --url ws://127.0.0.1:8080 -o heard

  redaction-gateway call call.wav --url wss://gateway.example --ca own-ca.pem --policies phone_number,person_name
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("call", epilog=_EPILOG, short_help="Play a file into a live call.")(call)


def call(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any media file with sound; stereo is two legs.")],
    url: Annotated[str, typer.Option(metavar="URL", help="The gateway: ws://HOST:PORT or wss://HOST.")],
    out_dir: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Leave what came back here.")
    ] = None,
    policies: PoliciesOption = "all",
    sub: SubOption = Substitution.HASH,
    audio: AudioOption = "tone",
    lookahead: LookaheadOption = DEFAULT_LOOKAHEAD_MS,
    strength: StrengthOption = "balanced",
    custom_policies: CustomPoliciesOption = None,
    deny: DenyOption = None,
    deny_file: DenyFileOption = None,
    allow: AllowOption = None,
    allow_file: AllowFileOption = None,
    ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM file of who signed the server's certificate.")
    ] = None,
    review_below: ReviewBelowOption = None,
) -> None:
    """Play a file into a live call and show the redacted captions."""
    chosen = chosen_detection(policies, strength, custom_policies, deny, deny_file, allow, allow_file)
    chosen_lookahead(lookahead)
    if review_below is not None and out_dir is None:
        raise OptionError("--review-below: say with -o where the review goes")
    from rich.console import Console

    from gateway.cli.player import open_playback, stream_address
    from gateway.cli.recording import run_call
    from gateway.observe.log import configure_logging

    configure_logging()
    playback = open_playback(file)
    settings = session_settings(
        chosen, sub, audio, lookahead, sample_rate=playback.rate, channels=playback.media.channels
    )
    address = stream_address(url, settings)
    console = Console(highlight=False)
    asyncio.run(run_call(playback, address, _trusted(address, ca), settings, out_dir, console, review_below))


def _trusted(address: str, ca: Path | None) -> ssl.SSLContext | None:
    if not address.startswith("wss:"):
        if ca:
            raise OptionError("--ca: only a wss:// address has a certificate")
        return None
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        raise OptionError(f"--ca: {ca} is not a readable PEM file with certificates") from None
