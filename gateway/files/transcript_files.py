"""The redacted transcript as text: JSON (`docs/redact-output.schema.json`), TXT, SRT and WebVTT."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from gateway.files.atomic import replacing
from gateway.files.cues import Cue, cues_of
from gateway.files.result import NearMissRow, RedactedLeg, RedactedWord, RedactionResult, RedactionRow
from gateway.verify.suspicion import as_object

_LINE_CHARS: Final = 42


def as_json(result: RedactionResult) -> str:
    """The result as one JSON object."""
    return (
        json.dumps(
            {
                "duration_ms": result.duration_ms,
                "policies": [str(policy) for policy in result.policies],
                "legs": [_leg(leg) for leg in result.legs],
                "redactions": [_redaction(row) for row in result.redactions],
                "near_misses": [_near_miss(row) for row in result.near_misses],
                **({"verification": as_object(result.verification)} if result.verification else {}),
                "stats": {
                    name: dict(value) if not isinstance(value, int | float) else value
                    for name, value in result.stats.items()
                },
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def as_txt(legs: Sequence[RedactedLeg], speakers: Sequence[str] | None = None) -> str:
    """One paragraph for each time a leg speaks, with the time it begins. `speakers[leg]` is how a leg is called."""
    names = _names(legs, speakers)
    paragraphs = []
    for leg, cues in groupby(cues_of(legs), key=lambda cue: cue.leg):
        spoken = list(cues)
        text = " ".join(cue.text for cue in spoken)
        paragraphs.append(f"[{_clock(spoken[0].start_ms, '.')}] {names[leg]}{text}\n")
    return "".join(paragraphs)


def as_srt(legs: Sequence[RedactedLeg], speakers: Sequence[str] | None = None) -> str:
    """SubRip subtitles. `speakers[leg]` is how a leg is called."""
    names = _names(legs, speakers)
    blocks = []
    for number, cue in enumerate(cues_of(legs), start=1):
        text = _two_lines(names[cue.leg] + cue.text).replace("-->", "->")
        blocks.append(f"{number}\n{_times(cue, ',')}\n{text}\n")
    return "\n".join(blocks)


def as_vtt(legs: Sequence[RedactedLeg], speakers: Sequence[str] | None = None) -> str:
    """WebVTT, with a voice tag for each leg where there is more than one. `speakers[leg]` is how a leg is called."""
    names = _names(legs, speakers)
    blocks = ["WEBVTT\n"]
    for cue in cues_of(legs):
        voice = html.escape(names[cue.leg].removesuffix(": "), quote=False)
        text = html.escape(_two_lines(cue.text), quote=False)
        blocks.append(f"{_times(cue, '.')}\n{f'<v {voice}>{text}</v>' if voice else text}\n")
    return "\n".join(blocks)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all. Raises MediaError when it cannot be written."""
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def _leg(leg: RedactedLeg) -> dict[str, object]:
    return {"leg": leg.leg, "text": leg.text, "words": [_word(word) for word in leg.words]}


def _word(word: RedactedWord) -> dict[str, object]:
    return {"text": word.text, "start_ms": word.start_ms, "end_ms": word.end_ms, "policy": word.policy}


def _redaction(row: RedactionRow) -> dict[str, object]:
    times = {"start_ms": row.start_ms, "end_ms": row.end_ms}
    return {"leg": row.leg, "policy": row.policy, **times, "verdict": row.verdict, "confidence": row.confidence}


def _near_miss(row: NearMissRow) -> dict[str, object]:
    times = {"start_ms": row.start_ms, "end_ms": row.end_ms}
    return {"leg": row.leg, "policy": row.policy, **times, "confidence": row.confidence}


def _names(legs: Iterable[RedactedLeg], speakers: Sequence[str] | None) -> dict[int, str]:
    """What is written before a leg's words: nothing when there is one leg and no name for it."""
    known = [leg.leg for leg in legs]
    if speakers is not None:
        return {leg: f"{speakers[leg]}: " for leg in known}
    return {leg: f"Leg {leg}: " if len(known) > 1 else "" for leg in known}


def _times(cue: Cue, point: str) -> str:
    return f"{_clock(cue.start_ms, point)} --> {_clock(cue.end_ms, point)}"


def _clock(ms: int, point: str) -> str:
    seconds, thousandths = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{thousandths:03}"


def _two_lines(text: str) -> str:
    """The text, broken at the space nearest to its middle when it is too long for a line."""
    if len(text) <= _LINE_CHARS:
        return text
    spaces = [at for at, character in enumerate(text) if character == " "]
    if not spaces:
        return text
    middle = min(spaces, key=lambda at: abs(at - len(text) // 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"
