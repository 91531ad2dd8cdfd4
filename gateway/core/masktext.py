"""How redacted words are written."""

from __future__ import annotations

from gateway.core.policy import Policy, Substitution

UNDECIDED = "COVERED"
"""The tag of a word that was covered because it was not decided in time."""


def mask_hash(text: str, start: int, end: int) -> str:
    """`text` with one `#` for each letter or digit of `text[start:end]`; punctuation and spacing stay."""
    middle = "".join("#" if char.isalnum() else char for char in text[start:end])
    return text[:start] + middle + text[end:]


def mask_word(text: str, start: int, end: int, policy: Policy | None, substitution: Substitution) -> str:
    """One word with `text[start:end]` redacted: hashed, or replaced by the policy's tag, punctuation outside.

    `policy` is None for a word that was not decided in time.
    """
    if substitution is Substitution.HASH:
        return mask_hash(text, start, end)
    alphanumeric = [index for index in range(start, end) if text[index].isalnum()]
    if not alphanumeric:
        return text
    tag = UNDECIDED if policy is None else policy.name
    return f"{text[: alphanumeric[0]]}[{tag}]{text[alphanumeric[-1] + 1 :]}"
