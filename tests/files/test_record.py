"""The record of a call, from pieces."""

from __future__ import annotations

from gateway.core.events import CaptionUpdated, CaptionWord, RedactionDecided, Verdict
from gateway.core.policy import Policy
from gateway.files.record import CallRecord
from gateway.files.result import RedactedLeg, RedactedWord, RedactionRow
from gateway.media.timeline import Span

DATE, NAME = Policy.DATE, Policy.PERSON_NAME
BLEEPED, LATE = Verdict.BLEEPED, Verdict.COVERED_LATE
STATS = {"audio_ms": 0, "redacted_ms": 0, "covered_late_ms": 0, "spans": {}}


def rows(*told: RedactionRow) -> tuple[RedactionRow, ...]:
    record = CallRecord(2)
    for row in told:
        record.redaction(row)
    return record.result(1000, [NAME, DATE], STATS).redactions


def test_pieces_that_touch_become_one() -> None:
    assert rows(
        RedactionRow(0, NAME, 0, 100, BLEEPED),
        RedactionRow(1, NAME, 50, 80, BLEEPED),
        RedactionRow(0, NAME, 100, 200, BLEEPED),
        RedactionRow(0, NAME, 199, 250, BLEEPED),
        RedactionRow(0, NAME, 251, 300, BLEEPED),
    ) == (
        RedactionRow(0, NAME, 0, 250, BLEEPED),
        RedactionRow(1, NAME, 50, 80, BLEEPED),
        RedactionRow(0, NAME, 251, 300, BLEEPED),
    )


def test_other_legs_policies_and_verdicts_stay_apart() -> None:
    told = (
        RedactionRow(0, NAME, 0, 100, BLEEPED),
        RedactionRow(0, DATE, 100, 200, BLEEPED),
        RedactionRow(1, NAME, 100, 200, BLEEPED),
        RedactionRow(0, None, 200, 250, LATE),
    )
    assert rows(*told) == told


def test_in_order_of_the_start_and_none_is_lost() -> None:
    late, early = RedactionRow(0, NAME, 300, 400, BLEEPED), RedactionRow(0, NAME, 0, 100, BLEEPED)
    assert rows(late, early) == (early, late)


def test_a_later_revision_takes_the_place_of_a_turn() -> None:
    def caption(turn: int, leg: int, revision: int, *texts: str) -> CaptionUpdated:
        words = tuple(CaptionWord(text, Span(441, 882), None, Verdict.CLEAR) for text in texts)
        return CaptionUpdated(turn, leg, revision, words, False)

    record = CallRecord(2)
    for output in (
        caption(0, 1, 0, "hi"),
        caption(2, 1, 0, "bye"),
        caption(1, 0, 0, "yes"),
        caption(0, 1, 1, "hi", "#"),
    ):
        record.take(output, 44100)
    legs = record.result(1000, [NAME], STATS).legs
    assert [leg.text for leg in legs] == ["yes", "hi # bye"]
    assert legs[0] == RedactedLeg(0, (RedactedWord("yes", 10, 20, None),))


def test_times_are_rounded_outwards() -> None:
    record = CallRecord(1)
    record.take(RedactionDecided(0, NAME, Span(12, 17), BLEEPED), 8000)
    record.take(RedactionDecided(0, NAME, Span(17, 25), BLEEPED), 8000)
    result = record.result(10, [NAME, DATE], STATS)
    assert result.redactions == (RedactionRow(0, NAME, 1, 4, BLEEPED),)
    assert result.policies == (DATE, NAME)
