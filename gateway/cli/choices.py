"""Options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from gateway.core.custom_policies import ChosenPolicies, choose_policies
from gateway.core.policy import Policy, Substitution, parse_policies
from gateway.core.timing import MAX_LOOKAHEAD_MS, MIN_LOOKAHEAD_MS
from gateway.errors import OptionError
from gateway.wire.own_terms import Defaults, chosen_strengths, parse_terms, read_custom_policies, read_terms

if TYPE_CHECKING:
    from gateway.core.settings import SessionSettings

PoliciesOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--policies",
        "-p",
        metavar="A,B|all|everything",
        help="What is to be redacted: all (personal information), everything (also durations, weekdays, products ...), "
        f"or names with commas between, of {', '.join(sorted(Policy))}.",
        show_default=False,
    ),
]
SubOption: TypeAlias = Annotated[
    Substitution, typer.Option("--sub", help="How a redacted word is written: #### or [POLICY_NAME].")
]
AudioOption: TypeAlias = Annotated[
    Literal["tone", "silence", "noise"], typer.Option("--audio", help="What is heard instead.")
]
LookaheadOption: TypeAlias = Annotated[
    int,
    typer.Option("--lookahead", metavar="MS", help="How much is heard before a word is decided: 500..10000 ms."),
]
StrengthOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--strength",
        metavar="STRENGTH",
        help="strict covers what may be personal, precise only what surely is, balanced is between; for single "
        "policies: balanced,person_name:strict.",
    ),
]
CustomPoliciesOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--custom-policies", metavar="FILE", help="TOML with policies of your own: docs/terms.md."),
]
DenyOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--deny", metavar="LABEL=TERM", help="Always redact this term (or re:PATTERN), as LABEL. May be repeated."
    ),
]
DenyFileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--deny-file", metavar="FILE", help="Terms always redacted: lines of LABEL=TERM."),
]
AllowOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="TERM", help="Never redact this term (or re:PATTERN). May be repeated."),
]
AllowFileOption: TypeAlias = Annotated[
    Path | None, typer.Option("--allow-file", metavar="FILE", help="Terms never redacted, one on each line.")
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be found, and how sure it must be. `own` holds strengths, terms, and all policies of the file."""

    policies: ChosenPolicies
    own: Defaults


def chosen_detection(
    policies: str | None,
    strength: str,
    custom_policies: Path | None,
    deny: list[str] | None,
    deny_file: Path | None,
    allow: list[str] | None,
    allow_file: Path | None,
) -> Chosen:
    """Read the options of detection. Raises OptionError, which names option or file and what is allowed."""
    custom = read_custom_policies(custom_policies)
    from_files = read_terms(deny_file, allow_file)
    try:
        picked = choose_policies(policies or "", custom)
        terms = from_files.joined(parse_terms(deny or [], allow or [], "="))
        return Chosen(picked, Defaults(chosen_strengths(strength, custom, terms.labels), custom, terms))
    except OptionError as error:
        raise OptionError(f"--{error}") from None


def chosen_policies(text: str | None) -> frozenset[Policy]:
    """Read `--policies`. Raises OptionError when none is chosen or one is unknown."""
    try:
        return parse_policies(text or "")
    except OptionError as error:
        raise OptionError(f"--{error}") from None


def session_settings(
    chosen: Chosen, sub: Substitution, audio: str, lookahead_ms: int, *, sample_rate: int, channels: int
) -> SessionSettings:
    """Settings of a live call of PCM16. Raises OptionError for an impossible lookahead."""
    from gateway.core.settings import SessionSettings
    from gateway.media.mask import Masking

    return SessionSettings(
        chosen.policies.built_in,
        sample_rate=sample_rate,
        channels=channels,
        substitution=sub,
        masking=Masking(audio),
        lookahead_ms=chosen_lookahead(lookahead_ms),
        strengths=chosen.own.strengths,
        custom=chosen.policies.custom,
        terms=chosen.own.terms,
    )


def chosen_lookahead(lookahead_ms: int) -> int:
    """Check `--lookahead`. Raises OptionError."""
    if not MIN_LOOKAHEAD_MS <= lookahead_ms <= MAX_LOOKAHEAD_MS:
        raise OptionError(
            f"--lookahead: {lookahead_ms} is not allowed; allowed: {MIN_LOOKAHEAD_MS} to {MAX_LOOKAHEAD_MS} ms"
        )
    return lookahead_ms
