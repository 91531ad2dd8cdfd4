"""The four formats, letter by letter."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.events import Verdict
from gateway.core.policy import Policy
from gateway.errors import MediaError
from gateway.files.cues import MAX_CHARS, MAX_MS, cues_of
from gateway.files.result import NearMissRow, RedactedLeg, RedactedWord, RedactionResult, RedactionRow
from gateway.files.transcript_files import as_json, as_srt, as_txt, as_vtt, write_text

AGENT = RedactedLeg(0, (RedactedWord("Your", 0, 300, None), RedactedWord("name?", 300, 800, None)))
CALLER = RedactedLeg(
    1,
    (
        RedactedWord("It's", 1000, 1200, None),
        RedactedWord("###", 1250, 1600, Policy.PERSON_NAME),
        RedactedWord("<b>&co", 3_600_000, 3_601_500, None),
        RedactedWord("-->", 3_601_500, 3_602_001, None),
    ),
)
ROW = RedactionRow(1, Policy.PERSON_NAME, 1200, 1650, Verdict.BLEEPED, 0.9)
NEAR_MISS = NearMissRow(1, Policy.DATE, 1700, 1800, 0.3)


def test_json() -> None:
    stats = {"audio_ms": 1, "redacted_ms": 2, "covered_late_ms": 0.5, "spans": {"person_name": 1}}
    late = RedactionRow(0, None, 5, 6, Verdict.COVERED_LATE)
    result = RedactionResult(3_602_001, (Policy.PERSON_NAME,), (AGENT,), (late, ROW), stats, (NEAR_MISS,))
    text = as_json(result)
    assert text.endswith("}\n")
    assert json.loads(text) == {
        "duration_ms": 3_602_001,
        "policies": ["person_name"],
        "legs": [
            {
                "leg": 0,
                "text": "Your name?",
                "words": [
                    {"text": "Your", "start_ms": 0, "end_ms": 300, "policy": None},
                    {"text": "name?", "start_ms": 300, "end_ms": 800, "policy": None},
                ],
            }
        ],
        "redactions": [
            {"leg": 0, "policy": None, "start_ms": 5, "end_ms": 6, "verdict": "covered_late", "confidence": 0.0},
            {
                "leg": 1,
                "policy": "person_name",
                "start_ms": 1200,
                "end_ms": 1650,
                "verdict": "bleeped",
                "confidence": 0.9,
            },
        ],
        "near_misses": [
            {"leg": 1, "policy": "date", "start_ms": 1700, "end_ms": 1800, "confidence": 0.3},
        ],
        "stats": stats,
    }


def test_txt() -> None:
    assert as_txt([AGENT, CALLER]) == ("[00:00:00.000] Leg 0: Your name?\n[00:00:01.000] Leg 1: It's ### <b>&co -->\n")
    assert as_txt([AGENT]) == "[00:00:00.000] Your name?\n"
    assert as_txt([AGENT], ["Agent"]) == "[00:00:00.000] Agent: Your name?\n"


def test_srt() -> None:
    assert as_srt([AGENT, CALLER], ["Agent", "Caller"]) == (
        "1\n00:00:00,000 --> 00:00:01,000\nAgent: Your name?\n"
        "\n2\n00:00:01,000 --> 00:00:02,000\nCaller: It's ###\n"
        "\n3\n01:00:00,000 --> 01:00:02,001\nCaller: <b>&co ->\n"
    )


def test_vtt() -> None:
    assert as_vtt([AGENT, CALLER], ["Agent", "A<B"]) == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:01.000\n<v Agent>Your name?</v>\n"
        "\n00:00:01.000 --> 00:00:02.000\n<v A&lt;B>It's ###</v>\n"
        "\n01:00:00.000 --> 01:00:02.001\n<v A&lt;B>&lt;b&gt;&amp;co --&gt;</v>\n"
    )
    assert as_vtt([AGENT]) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nYour name?\n"


def test_nobody_spoke() -> None:
    silent = [RedactedLeg(0, ())]
    assert (as_txt(silent), as_srt(silent), as_vtt(silent)) == ("", "", "WEBVTT\n")


def test_long_lines_are_broken_in_the_middle() -> None:
    words = tuple(RedactedWord("seven", at * 200, at * 200 + 200, None) for at in range(12))
    lines = as_srt([RedactedLeg(0, words)]).splitlines()
    assert lines[2:4] == ["seven seven seven seven seven seven", "seven seven seven seven seven seven"]


@st.composite
def legs(draw: st.DrawFn) -> RedactedLeg:
    position, words = 0, []
    for text in draw(st.lists(st.text("ab.?#", min_size=1, max_size=30), max_size=60)):
        start = position + draw(st.integers(0, 1500))
        position = start + draw(st.integers(0, 900))
        words.append(RedactedWord(text, start, position, None))
    return RedactedLeg(0, tuple(words))


@given(legs())
def test_every_word_is_in_one_cue_and_cues_can_be_read(leg: RedactedLeg) -> None:
    cues = cues_of([leg])
    assert " ".join(cue.text for cue in cues) == leg.text
    for cue, following in pairwise(cues):
        assert cue.end_ms <= following.start_ms
    for cue in cues:
        assert len(cue.text) <= MAX_CHARS
        assert cue.start_ms <= cue.end_ms <= cue.start_ms + MAX_MS


def test_text_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "größer\n")
    assert (tmp_path / "a.txt").read_bytes() == "größer\n".encode()
    with pytest.raises(MediaError, match=r"b\.txt: cannot be written"):
        write_text(tmp_path / "none" / "b.txt", "x")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
