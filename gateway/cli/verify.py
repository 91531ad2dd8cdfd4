"""`verify`: what in a redacted file still sounds like personal information."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.choices import PoliciesOption, chosen_policies
from gateway.errors import OptionError

if TYPE_CHECKING:
    from gateway.verify.suspicion import Suspicion, Verification

_EPILOG = """PocketSphinx and the number head hear the file. Told are times and kinds of what sounds like a number or
like spelled letters; words are never shown. The gateway's own tone, silence and noise are passed over. NAME.json, as
`redact` writes it, tells what was covered and which policies to look for.

Exit codes: 0 nothing was found, 1 something sounds like personal information or a file failed, 2 wrong usage.

Examples:

  redaction-gateway verify redacted/call.wav

  redaction-gateway verify redacted/*.wav --policies credit_card_number,credit_card_cvv --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify", epilog=_EPILOG, short_help="Hear redacted files again.")(verify)


def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Redacted files.", readable=False)],
    policies: PoliciesOption = None,
    result: Annotated[
        Path | None,
        typer.Option(metavar="JSON", help="What `redact` wrote for the file. [default: NAME.json beside it, if any]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write a line of JSON for each file.")] = False,
    only_likely: Annotated[bool, typer.Option("--only-likely", help="Pass over what is merely possible.")] = False,
) -> None:
    """Tell what in redacted files still sounds like personal information."""
    if result is not None and len(files) > 1:
        raise OptionError("--result: is for one file; name the files one at a time")
    chosen = chosen_policies(policies) if policies is not None else None
    from rich.console import Console

    from gateway.core.policy import DEFAULT_POLICIES
    from gateway.errors import MediaError
    from gateway.files.verify import read_redactions, verify_file
    from gateway.observe.log import configure_logging
    from gateway.verify.assembly import create_verifier
    from gateway.verify.suspicion import Level, as_object

    configure_logging()
    console = Console(stderr=True, highlight=False)
    with console.status("Loading the models"):
        verifier = create_verifier()
    suspected = failed = False
    for file in files:
        beside = file.with_suffix(".json")
        told = result or (beside if beside.is_file() else None)
        try:
            with console.status(f"Hearing {file.name}"):
                known = read_redactions(told) if told else None
                wanted = chosen or (known.policies if known else DEFAULT_POLICIES)
                heard = verify_file(file, verifier, wanted, known)
        except MediaError as error:
            failed = True
            console.print(f"failed: {error}", markup=False, soft_wrap=True)
            continue
        shown = heard.at_least(Level.LIKELY if only_likely else Level.POSSIBLE)
        suspected = suspected or bool(shown)
        if as_json:
            typer.echo(json.dumps({"file": str(file), **as_object(heard, shown)}))
        else:
            for line in verification_lines(str(file), heard, shown):
                typer.echo(line)
    if suspected or failed:
        raise typer.Exit(1)


def verification_lines(name: str, heard: Verification, shown: tuple[Suspicion, ...]) -> list[str]:
    """A verification in lines for people."""
    lines = [
        f"{name}: {one.start_ms / 1000:.2f} to {one.end_ms / 1000:.2f} s, leg {one.leg}: "
        f"{one.level.value} {one.policy} ({one.confidence:.2f}, heard by {' and '.join(one.heard_by)})"
        for one in shown
    ]
    return lines or [f"{name}: nothing found in {(heard.audio_ms - heard.masked_ms) / 1000:.1f} s that can be heard"]
