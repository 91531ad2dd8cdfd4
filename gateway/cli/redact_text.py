"""`redact-text`: text in, redacted text out, line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated

import typer

from gateway.cli.choices import (
    AllowFileOption,
    AllowOption,
    Chosen,
    CustomPoliciesOption,
    DenyFileOption,
    DenyOption,
    PoliciesOption,
    StrengthOption,
    SubOption,
    chosen_detection,
)
from gateway.core.policy import Substitution
from gateway.errors import MediaError, OptionError

_EPILOG = """A line that starts with { is JSON: {"text": "...", "prev": "..."}, where prev is what the other party said
just before; it may also have its own "policies", "sub" and "strength", and "deny" and "allow", which are added to those
of the command. Any other line is the text itself. For each line, also an
empty one, one line of JSON is written: {"text", "spans": [{"start", "end", "policy", "confidence"}]}, where start and
end count characters of the text that came in. A line that is not understood is told by its number, and the exit code
is 1.

Examples:

  echo "my number is 415 555 0199" | redaction-gateway redact-text --policies phone_number

  redaction-gateway redact-text --policies all --sub entity_name turns.jsonl > redacted.jsonl

  redaction-gateway redact-text -p all --deny "PROJECT=blue heron" --allow "Acme" --strength strict turns.jsonl
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("redact-text", epilog=_EPILOG, short_help="Redact text, line by line.")(redact_text_command)


def redact_text_command(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="Default: standard input.")] = None,
    policies: PoliciesOption = None,
    sub: SubOption = Substitution.HASH,
    strength: StrengthOption = "balanced",
    custom_policies: CustomPoliciesOption = None,
    deny: DenyOption = None,
    deny_file: DenyFileOption = None,
    allow: AllowOption = None,
    allow_file: AllowFileOption = None,
) -> None:
    """Redact plain lines or JSON lines; writes JSON lines."""
    chosen = chosen_detection(policies, strength, custom_policies, deny, deny_file, allow, allow_file)
    failed = False
    for name, number, line in _lines(files or []):
        try:
            typer.echo(_answer(line, chosen, sub))
        except OptionError as error:
            failed = True
            typer.echo(f"redaction-gateway: {name} line {number}: {error}", err=True)
    if failed:
        raise typer.Exit(1)


def _answer(line: str, chosen: Chosen, sub: Substitution) -> str:
    from gateway.pii.text import redact_text
    from gateway.wire.texts import parse_text_request, text_answer

    given: object = {"text": line}
    if line.lstrip().startswith("{"):
        try:
            given = json.loads(line)
        except (ValueError, RecursionError):
            raise OptionError("starts with { but is not JSON") from None
    wanted = parse_text_request(given, chosen.own, chosen.policies, sub)
    redacted = redact_text(wanted.text, wanted.detection, wanted.substitution, wanted.prev or "", wanted.strengths)
    spans = [(span.start, span.end, span.policy, span.confidence) for span in redacted.spans]
    return json.dumps(text_answer(redacted.text, spans), ensure_ascii=False)


def _lines(files: list[Path]) -> Iterator[tuple[str, int, str]]:
    """Where a line is from, its number from 1, and the line without its end."""
    if not files:
        yield from _numbered("standard input", sys.stdin.buffer)
    for file in files:
        try:
            with file.open("rb") as lines:
                yield from _numbered(str(file), lines)
        except OSError as error:
            raise MediaError(f"{file} cannot be read: {error.strerror}") from None


def _numbered(name: str, lines: IO[bytes]) -> Iterator[tuple[str, int, str]]:
    for number, line in enumerate(lines, start=1):
        yield name, number, line.rstrip(b"\r\n").decode(errors="replace")
