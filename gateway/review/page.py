"""The review page: one HTML file that needs nothing but the redacted WAV beside it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from gateway.files.colours import UNDECIDED, policy_colours
from gateway.files.result import RedactedWord, RedactionResult
from gateway.review.items import ReviewItem
from gateway.review.peaks import Peaks

CAPTIONS_AROUND_MS: Final = 4000
"""The page holds the words this near to something that is to be reviewed, and no others."""
_SLOT: Final = re.compile(r"@@([a-z_]+)@@")
_MASK: Final = re.compile(r"#|\[[A-Z][^\]]*\]")


def page_of(
    name: str, result: RedactionResult, review_json: str, items: Sequence[ReviewItem], peaks: Peaks, below: float
) -> str:
    """The page of the call whose audio is `name`.wav. `review_json` is the text of `name`.review.json.

    Whatever a name, a word or a label holds, it is shown as text: nothing of it becomes markup or a script.
    """
    style, script = _part("page.css"), _part("page.js")
    title = name.encode("utf-8", "replace").decode()
    data = {
        "name": title,
        "audio": f"{title}.wav",
        "sha256": hashlib.sha256(review_json.encode()).hexdigest(),
        "duration_ms": result.duration_ms,
        "below": below,
        "items": [fields_of(item) for item in items],
        "covered": [[row.leg, row.start_ms, row.end_ms, row.policy] for row in result.redactions],
        "words": list(_words(result, items)),
        "column_ms": peaks.column_ms,
        "peaks": [base64.b64encode(leg).decode() for leg in peaks.legs],
        "colours": list(_colours(result, items).items()),
        "undecided_colour": UNDECIDED,
    }
    slots = {
        "title": html.escape(title),
        "content_policy": html.escape(
            f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
            "media-src 'self' file:; base-uri 'none'; form-action 'none'"
        ),
        "audio": html.escape(f"./{quote(os.fsencode(name))}.wav"),
        "style": style,
        "script": script,
        "data": _as_script_data(data),
    }
    return _SLOT.sub(lambda slot: slots[slot[1]], _part("page.html"))


def fields_of(item: ReviewItem) -> dict[str, str | int | float | list[str] | None]:
    """The item, as it is written."""
    return {
        "kind": item.kind.value,
        "leg": item.leg,
        "policy": item.policy,
        "also": list(item.also),
        "start_ms": item.start_ms,
        "end_ms": item.end_ms,
        "confidence": item.confidence,
    }


def _words(
    result: RedactionResult, items: Sequence[ReviewItem]
) -> Iterator[tuple[int, int, int, str, str | None, bool]]:
    """Leg, start, end, text, policy, and whether it is masked: the words near to an item, in order of their start."""
    near = _joined((item.start_ms - CAPTIONS_AROUND_MS, item.end_ms + CAPTIONS_AROUND_MS) for item in items)
    words = sorted(
        ((leg.leg, word) for leg in result.legs for word in leg.words), key=lambda one: (one[1].start_ms, one[0])
    )
    at = 0
    for leg, word in words:
        while at < len(near) and near[at][1] < word.start_ms:
            at += 1
        if at < len(near) and word.end_ms >= near[at][0]:
            yield leg, word.start_ms, word.end_ms, word.text, word.policy, _is_masked(word)


def _joined(stretches: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches in order, those that touch or overlap as one."""
    joined: list[tuple[int, int]] = []
    for start_ms, end_ms in sorted(stretches):
        if joined and start_ms <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end_ms, joined[-1][1])
        else:
            joined.append((start_ms, end_ms))
    return joined


def _is_masked(word: RedactedWord) -> bool:
    return word.policy is not None or _MASK.search(word.text) is not None


def _colours(result: RedactionResult, items: Sequence[ReviewItem]) -> Mapping[str, str]:
    words = (word.policy for leg in result.legs for word in leg.words)
    return policy_colours([*(row.policy for row in result.redactions), *(item.policy for item in items), *words])


def _part(name: str) -> str:
    return (files("gateway.review") / name).read_text("utf-8")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _as_script_data(data: Mapping[str, object]) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment or another one there."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
