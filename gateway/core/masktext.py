"""How a redacted part of a text is written. The same for captions, transcripts and plain text."""

from __future__ import annotations

from gateway.core.policy import Substitution

UNDECIDED_TAG = "COVERED"
"""The tag of what is covered because it could not be decided in time."""


def mask_hash(text: str, start_char: int, end_char: int) -> str:
    """`text` with one `#` for each letter or digit in `[start_char, end_char)`; punctuation and spacing stay."""
    masked = "".join("#" if char.isalnum() else char for char in text[start_char:end_char])
    return text[:start_char] + masked + text[end_char:]


def mask_tags(text: str, start_char: int, end_char: int, policy_name: str | None) -> str:
    """`text` with `[POLICY_NAME]` for each word in the range; punctuation around a word stays outside the tag."""
    tag = f"[{(policy_name or UNDECIDED_TAG).upper()}]"
    out: list[str] = []
    position = start_char
    while position < end_char:
        word_end = position
        while word_end < end_char and not text[word_end].isspace():
            word_end += 1
        inner = [index for index in range(position, word_end) if text[index].isalnum()]
        if inner:
            out.append(text[position : inner[0]] + tag + text[inner[-1] + 1 : word_end])
        else:
            out.append(text[position:word_end])
        position = word_end
        while position < end_char and text[position].isspace():
            out.append(text[position])
            position += 1
    return text[:start_char] + "".join(out) + text[end_char:]


def mask_word(text: str, start_char: int, end_char: int, policy_name: str | None, substitution: Substitution) -> str:
    """`text`, one word or several, with the range masked the way `substitution` says.

    `policy_name` is None for what is covered undecided: its tag is `[COVERED]`.
    """
    start_char, end_char = max(0, start_char), min(len(text), end_char)
    if substitution is Substitution.HASH:
        return mask_hash(text, start_char, end_char)
    return mask_tags(text, start_char, end_char, policy_name)
