"""`serve`: run the server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.cli.choices import AllowFileOption, CustomPoliciesOption, DenyFileOption

_EPILOG = """Examples:

  redaction-gateway serve

  redaction-gateway serve --host 0.0.0.0 --port 8443 --tls-cert cert.pem --tls-key key.pem

Every option is also an environment variable, such as REDACTION_GATEWAY_PORT, and a line of the --config file, such as
port = 8080. The command line wins over the environment, and the environment over the file. Stop it with Ctrl-C or
SIGTERM: no new calls are taken, those in progress may end. docs/websocket.md tells how to talk to it.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve", epilog=_EPILOG, short_help="Run the server.")(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; 0 takes a free one. [default: 8080]")] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate chain, PEM: serve https and wss.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Private key, PEM, without a password.")] = None,
    engine: Annotated[str | None, typer.Option(help="The speech recogniser. [default: moonshine]")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option(help="Where the recogniser runs; auto: on a GPU if one can be opened. [default: auto]"),
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option(metavar="STRENGTH", help="Of calls that choose none, as in redact. [default: balanced]"),
    ] = None,
    custom_policies: CustomPoliciesOption = None,
    deny_file: DenyFileOption = None,
    allow_file: AllowFileOption = None,
    workers: Annotated[
        str | None,
        typer.Option(metavar="N|auto", help="Processes that hear calls. [default: auto, one for each usable core]"),
    ] = None,
    worker_memory: Annotated[
        int | None, typer.Option(metavar="MB", help="A worker that holds more is replaced. [default: 1024]")
    ] = None,
    max_calls: Annotated[
        int | None, typer.Option(help="Calls at once, even if the machine could hear more. [default: 1000]")
    ] = None,
    drain: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="How long calls may go on after SIGTERM. [default: 30]")
    ] = None,
    verify_share: Annotated[
        float | None, typer.Option(help="Share of calls, 0 to 1, whose output is heard again. [default: 0]")
    ] = None,
    log_level: Annotated[Literal["debug", "info", "warning", "error"] | None, typer.Option()] = None,
    log_format: Annotated[
        Literal["auto", "json", "console"] | None, typer.Option(help="auto: for people on a terminal, else JSON.")
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Settings in TOML.")] = None,
) -> None:
    """Run the server: calls over a WebSocket, text over HTTP, health and metrics."""
    from gateway.config import load_settings

    given = {
        "host": host,
        "port": port,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "engine": engine,
        "device": device,
        "strength": strength,
        "custom_policies": custom_policies,
        "deny_file": deny_file,
        "allow_file": allow_file,
        "workers": workers,
        "worker_memory_mb": worker_memory,
        "max_calls": max_calls,
        "drain_s": drain,
        "verify_share": verify_share,
        "log_level": log_level,
        "log_format": log_format,
    }
    settings = load_settings(given, config)
    from gateway.app import run_server

    run_server(settings, lambda address: typer.echo(f"Listening on {address} (Ctrl-C ends it)"))
