"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from gateway.core.policy import Policy, Substitution, parse_policies
from gateway.core.timing import MAX_LOOKAHEAD_MS, MIN_LOOKAHEAD_MS
from gateway.errors import OptionError

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


def chosen_policies(text: str | None) -> frozenset[Policy]:
    """Read `--policies`. Raises OptionError when none is chosen or one is unknown."""
    try:
        return parse_policies(text or "")
    except OptionError as error:
        raise OptionError(f"--{error}") from None


def session_settings(
    policies: frozenset[Policy], sub: Substitution, audio: str, lookahead_ms: int, *, sample_rate: int, channels: int
) -> SessionSettings:
    """Settings of a live call of PCM16. Raises OptionError for an impossible lookahead."""
    from gateway.core.settings import SessionSettings
    from gateway.media.mask import Masking

    return SessionSettings(
        policies,
        sample_rate=sample_rate,
        channels=channels,
        substitution=sub,
        masking=Masking(audio),
        lookahead_ms=chosen_lookahead(lookahead_ms),
    )


def chosen_lookahead(lookahead_ms: int) -> int:
    """Check `--lookahead`. Raises OptionError."""
    if not MIN_LOOKAHEAD_MS <= lookahead_ms <= MAX_LOOKAHEAD_MS:
        raise OptionError(
            f"--lookahead: {lookahead_ms} is not allowed; allowed: {MIN_LOOKAHEAD_MS} to {MAX_LOOKAHEAD_MS} ms"
        )
    return lookahead_ms
