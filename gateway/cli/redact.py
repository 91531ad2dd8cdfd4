"""`redact`: media files in, redacted WAV and JSON out."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
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
)
from gateway.cli.review import ReviewBelowOption, said_of
from gateway.cli.verify import verification_lines
from gateway.core.policy import Substitution
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS

_EPILOG = """For each FILE, DIR/NAME.wav (16 bit; the rate, channels and length of the input) and DIR/NAME.json
(redacted text, words, redactions) are written. Each channel is a leg: one side of the call. Nothing is left of a file
that fails.

Exit codes: 0 all done, 1 some failed or --verify heard something, 2 wrong usage.

Examples:

  redaction-gateway redact call.wav -o redacted --policies all

  redaction-gateway redact call.wav -o redacted --policies all --review-below 0.6

  redaction-gateway redact *.mp3 -o redacted --policies phone_number,credit_card_number --audio silence
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("redact", epilog=_EPILOG, short_help="Redact media files.")(redact)


def redact(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Any media file with sound.", readable=False)],
    out_dir: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the results go.")],
    policies: PoliciesOption = None,
    sub: SubOption = Substitution.HASH,
    audio: AudioOption = "tone",
    lookahead: LookaheadOption = DEFAULT_LOOKAHEAD_MS,
    strength: StrengthOption = "balanced",
    custom_policies: CustomPoliciesOption = None,
    deny: DenyOption = None,
    deny_file: DenyFileOption = None,
    allow: AllowOption = None,
    allow_file: AllowFileOption = None,
    engine: Annotated[str, typer.Option(help="The speech recogniser.")] = "moonshine",
    review_below: ReviewBelowOption = None,
    verify: Annotated[bool, typer.Option("--verify", help="Hear each output again: see `verify`.")] = False,
) -> None:
    """Redact media files: stereo is two legs."""
    chosen = chosen_detection(policies, strength, custom_policies, deny, deny_file, allow, allow_file)
    chosen_lookahead(lookahead)
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from gateway.asr.registry import create_recognizer
    from gateway.errors import EngineError, MediaError
    from gateway.files.outputs import plan_outputs
    from gateway.files.redact import FileOptions, redact_file
    from gateway.media.mask import Masking
    from gateway.observe.log import configure_logging
    from gateway.pii.combined import create_detector
    from gateway.review.write import check_names, write_review
    from gateway.verify.assembly import create_verifier
    from gateway.workers.host import RecognitionHost

    configure_logging()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that no half file stays
    plans = plan_outputs(files, out_dir)
    if review_below is not None:
        check_names({plan.wav.stem for plan in plans})
    options = FileOptions(
        chosen.policies.built_in,
        sub,
        Masking(audio),
        lookahead,
        strengths=chosen.own.strengths,
        custom=chosen.policies.custom,
        terms=chosen.own.terms,
    )
    detector = create_detector(options.detection)
    console = Console(stderr=True, highlight=False)
    with console.status("Loading the speech model"):
        host = RecognitionHost(create_recognizer(engine))
        options = replace(options, verifier=create_verifier() if verify else None)
    failed = 0
    suspected = False
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        for plan in plans:
            task = progress.add_task(plan.source.name, total=None)

            def tell(done: int, total: int | None, task: TaskID = task) -> None:
                progress.update(task, completed=done, total=total)

            try:
                report = redact_file(plan, options, host, detector, tell)
            except (EngineError, MediaError) as error:
                failed += 1
                console.print(f"failed: {error}", markup=False, soft_wrap=True)
                continue
            finally:
                progress.update(task, visible=False)
            for damage in report.damage:
                console.print(f"warning: {plan.source}: {damage}", markup=False, soft_wrap=True)
            found = ", ".join(f"{count} {policy}" for policy, count in _found(report.result.stats)) or "nothing found"
            console.print(f"{plan.source} -> {plan.wav}, {plan.json.name}: {found}", markup=False, soft_wrap=True)
            if report.result.verification:
                heard = report.result.verification
                suspected = suspected or bool(heard.suspicions)
                for line in verification_lines(str(plan.wav), heard, heard.suspicions):
                    console.print(line, markup=False, soft_wrap=True)
            if review_below is not None:
                try:
                    said = said_of(write_review(plan.wav, report.result, review_below))
                except MediaError as error:
                    failed += 1
                    said = f"failed: no review: {error}"
                console.print(said, markup=False, soft_wrap=True)
    if len(plans) > 1:
        console.print(f"{len(plans) - failed} of {len(plans)} files done", markup=False)
    if failed or suspected:
        raise typer.Exit(1)


def _found(stats: object) -> list[tuple[str, int]]:
    spans = stats.get("spans") if hasattr(stats, "get") else None
    return sorted(spans.items()) if isinstance(spans, dict) else []
