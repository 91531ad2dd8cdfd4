"""`redaction-gateway`: the commands, and how errors are told.

Modules of commands import what they need when they run, so that `--help` stays quick.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Final, NoReturn

import typer

from gateway import __version__
from gateway.cli import call, demo, doctor, evaluate, policies, redact, redact_text, review, serve, verify
from gateway.errors import GatewayError, OptionError
from gateway.observe.private import forbid_core_dumps

DEBUG_ENV: Final = "REDACTION_GATEWAY_DEBUG"
FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130

app = typer.Typer(
    name="redaction-gateway",
    help="A live call goes in, the same call comes out bleeped, with redacted captions.",
    epilog=f"Start with: redaction-gateway demo. An unexpected error shows its details when {DEBUG_ENV}=1 is set; "
    "details may hold what was said.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (serve, redact, call, redact_text, policies, verify, review, evaluate, doctor, demo):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"redaction-gateway {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main() -> NoReturn:
    """Run a command; every error becomes one line on stderr and an exit code: 2 usage, 1 failed, 130 Ctrl-C."""
    forbid_core_dumps()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output is gone; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except GatewayError as error:
        _say(str(error) or f"failed: {error.code}")
        sys.exit(USAGE if isinstance(error, OptionError) else FAILED)
    except Exception as error:
        if os.environ.get(DEBUG_ENV):
            raise
        from gateway.observe.log import place_of

        place = place_of(error)
        _say(f"unexpected {place['error_type']} at {place['error_where']}; {DEBUG_ENV}=1 shows more")
        sys.exit(FAILED)
    sys.exit(0)


def _say(text: str) -> None:
    typer.echo(f"redaction-gateway: {text}", err=True)
