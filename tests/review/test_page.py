"""The page: nothing but what was redacted, whatever names, words and labels hold."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from gateway.core.events import Verdict
from gateway.core.policy import Policy
from gateway.errors import MediaError, OptionError
from gateway.files.result import NearMissRow, RedactedLeg, RedactedWord, RedactionResult, RedactionRow
from gateway.files.transcript_files import as_json
from gateway.review.write import check_names, write_review
from tests.cli.test_commands import Ran, command  # noqa: F401 - a fixture

SCHEMA = Path(__file__).parents[2] / "docs" / "review.schema.json"
EVIL = "</script><script>alert(1)</script><!--"
WORDS = (
    RedactedWord("hello", 0, 300, None),
    RedactedWord("######", 400, 900, EVIL),
    RedactedWord(EVIL, 950, 990, None),
)
RESULT = RedactionResult(
    2000,
    (Policy.PERSON_NAME,),
    (
        RedactedLeg(
            0,
            (
                RedactedWord("hello", 0, 300, None),
                RedactedWord("######", 400, 900, EVIL),
                RedactedWord(EVIL, 950, 990, None),
            ),
        ),
    ),
    (RedactionRow(0, EVIL, 350, 950, Verdict.BLEEPED, 0.55),),
    {"audio_ms": 2000, "redacted_ms": 600, "covered_late_ms": 0, "spans": {EVIL: 1}, "steps": 3},
    (NearMissRow(0, "date", 1200, 1500, 0.3),),
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    path = tmp_path / "call.wav"
    with wave.open(str(path), "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes((np.sin(np.arange(16_000) / 9) * 9000).astype("<i2").tobytes())
    return path


def test_labels_and_words_stay_text(wav: Path):
    review = write_review(wav, RESULT, 0.6)
    page = review.page.read_text()
    tags = _Tags()
    tags.feed(page)
    assert EVIL not in page
    assert tags.scripts == 2
    assert tags.sources == ["./call.wav"]
    assert not re.search(r"https?://", page)
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_the_list_holds_times_and_policies_and_no_words(wav: Path):
    review = write_review(wav, RESULT, 0.6)
    listed = json.loads(review.json.read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(listed)
    assert [(item["kind"], item["start_ms"]) for item in listed["items"]] == [
        ("near_miss", 1200),
        ("low_confidence", 350),
    ]
    assert set(listed["items"][0]) == {"kind", "leg", "policy", "also", "start_ms", "end_ms", "confidence"}
    assert "hello" not in review.json.read_text()


def test_audio_of_another_call_is_refused(wav: Path):
    other = RedactionResult(9000, RESULT.policies, RESULT.legs, (), RESULT.stats)
    with pytest.raises(MediaError, match="is not the audio of this result"):
        write_review(wav, other, 0.6)


def test_outputs_do_not_overwrite_each_other():
    with pytest.raises(OptionError, match="different directories"):
        check_names({"call", "call.review"})


def test_the_command_reads_what_redact_wrote(wav: Path, command: Callable[..., Ran]):  # noqa: F811
    (wav.parent / "call.json").write_text(as_json(RESULT))
    ran = command("review", wav.parent / "call.json", "--below", "0.5")
    assert ran.code == 0, ran.err
    assert json.loads((wav.parent / "call.review.json").read_text())["below"] == 0.5
    assert command("review", wav.parent / "none.json").code == 1
