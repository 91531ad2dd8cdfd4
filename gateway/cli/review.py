"""`review`: a page for a person who checks what was redacted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from gateway.review.write import Review

_EPILOG = """Beside NAME.json, NAME.review.json (what is worth a look: times and policies, no content) and
NAME.review.html are written. Open the page in a browser: it plays NAME.wav, the redacted audio, and needs no network.

Examples:

  redaction-gateway review redacted/call.json

  redaction-gateway review redacted/*.json --below 0.8
"""

ReviewBelowOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="CONFIDENCE",
        min=0,
        max=1,
        help="Also write NAME.review.json and NAME.review.html: redactions less sure than this, near misses and what "
        "was undecided, for a person to check.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review", epilog=_EPILOG, short_help="Make a page to check what was redacted.")(review)


def review(
    results: Annotated[
        list[Path],
        typer.Argument(
            metavar="NAME.json...", help="What redact or call wrote; NAME.wav lies beside it.", readable=False
        ),
    ],
    below: Annotated[
        float, typer.Option(metavar="CONFIDENCE", min=0, max=1, help="List redactions less sure than this.")
    ] = 0.6,
) -> None:
    """List what of redacted calls is worth a look, and make pages to judge it."""
    from gateway.errors import MediaError
    from gateway.review.stored import read_result
    from gateway.review.write import write_review

    failed = False
    for path in results:
        if path.name.endswith(".review.json") and len(results) > 1:
            continue  # *.json names the reviews of an earlier run too
        try:
            result = read_result(path)
            written = write_review(path.with_suffix(".wav"), result, below)
        except MediaError as error:
            typer.echo(f"failed: {error}", err=True)
            failed = True
        else:
            typer.echo(f"{path} -> {said_of(written)}", err=True)
    if failed:
        raise typer.Exit(1)


def said_of(written: Review) -> str:
    """What was written, in a line."""
    return f"{written.page}, {written.json.name}: {len(written.items)} to review"
