"""What the rules alone find in a text."""

from __future__ import annotations

from collections.abc import Collection

from gateway.core.detection import OtherTurn, Token, Utterance
from gateway.core.policy import Policy
from gateway.pii.detector import RuleDetector


def findings(text: str, policies: Collection[Policy], asked: str = "") -> list[tuple[str, str]]:
    """(what was found, the policy's name), in order."""
    tokens = text.split()
    starts: list[int] = []
    place = 0
    for token in tokens:
        place = text.index(token, place)
        starts.append(place)
        place += len(token)
    others = (OtherTurn(0, asked),) if asked else ()
    found = RuleDetector(frozenset(policies)).detect(Utterance(tuple(map(Token, tokens)), others)).findings
    return [
        (text[starts[one.first] + one.start_char : starts[one.end - 1] + one.end_char], str(one.policy))
        for one in found
    ]


def found(text: str, policy: Policy, asked: str = "") -> list[str]:
    """What was found when only `policy` is chosen. Fails when it is told under another name."""
    hits = findings(text, {policy}, asked)
    assert {name for _, name in hits} <= {str(policy)}
    return [what for what, _ in hits]
