"""`doctor`: is everything there, and if not, how to mend it."""

from __future__ import annotations

from typing import Annotated

import typer

_EPILOG = """Exit codes: 0 all is well or only warnings, 1 something is missing.

Example:

  redaction-gateway doctor --port 8443
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", epilog=_EPILOG, short_help="Check the installation.")(doctor)


def doctor(
    host: Annotated[str, typer.Option(help="The address the server would listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port the server would listen on.")] = 8080,
) -> None:
    """Check the installation, the speech model and the port, and say how to mend what is wrong."""
    from rich.console import Console
    from rich.table import Table

    from gateway.cli.checks import State, run_checks
    from gateway.observe.log import configure_logging

    configure_logging()
    styles = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}
    console = Console(highlight=False)
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("", "check", "found", "how to mend it"):
        table.add_column(heading, overflow="fold")
    failed = False
    with console.status("Checking"):
        for check in run_checks(host, port):
            failed |= check.state is State.FAIL
            mend = "" if check.state is State.OK else check.mend
            table.add_row(f"[{styles[check.state]}]{check.state.value}[/]", check.name, check.found, mend)
    console.print(table)
    console.print("Something is missing." if failed else "Ready: redaction-gateway demo")
    if failed:
        raise typer.Exit(1)
