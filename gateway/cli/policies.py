"""`policies`: what can be redacted, by name."""

from __future__ import annotations

import typer

from gateway.cli.choices import CustomPoliciesOption

_EPILOG = """Example:

  redaction-gateway policies --custom-policies badges.toml
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("policies", epilog=_EPILOG, short_help="List what can be redacted.")(policies)


def policies(custom_policies: CustomPoliciesOption = None) -> None:
    """List the policies: built-in ones, and those of a file. A star marks what `--policies all` stands for."""
    from gateway.core.policy import DEFAULT_POLICIES
    from gateway.pii.cards import CARDS
    from gateway.wire.own_terms import read_custom_policies

    rows = [(policy.value, policy in DEFAULT_POLICIES, card.what) for policy, card in sorted(CARDS.items())]
    rows += [(policy.name, True, policy.description) for policy in read_custom_policies(custom_policies)]
    width = max(len(name) for name, _, _ in rows)
    for name, in_all, what in rows:
        typer.echo(f"{'*' if in_all else ' '} {name:{width}}  {what}".rstrip())
