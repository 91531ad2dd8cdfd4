"""Findings in labelled lines: what is found, right, neither, wrong, masked, flagged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation.text_scoring import (
    Fault,
    Found,
    Half,
    LineScore,
    TextCounts,
    TextLabel,
    TextLine,
    read_lines,
    score_line,
)

TEXT = "Ann Lee lives at 12 Elm Street"
NAME = TextLabel("person_name", ((0, 7),))
PLACE = TextLabel("location", ((17, 30),), also=frozenset({"number_sequence"}))
POLICIES = ("person_name", "location", "number_sequence", "date", "religion", "nationality")


def line(*labels: TextLabel, text: str = TEXT, negative: bool = False, lenient: tuple[str, ...] = ()) -> TextLine:
    return TextLine("a1", 1, "written", text, labels, "", negative, frozenset(lenient))


def score(of: TextLine, *findings: tuple[int, int, str]) -> LineScore:
    found = [Found(start, end, tuple(policies.split("/"))) for start, end, policies in findings]
    return score_line(of, found, POLICIES)


def test_half_of_a_label_is_enough():
    assert score(line(NAME), (0, 3, "person_name")).by_policy["person_name"].found == 1
    result = score(line(NAME), (0, 2, "person_name"))
    assert result.by_policy["person_name"] == TextCounts(labels=1, findings=1, right=1, chars=6, masked=2)
    assert [(mistake.fault, mistake.start, mistake.end) for mistake in result.mistakes] == [(Fault.MISSED, 0, 7)]


def test_pieces_of_several_findings_add_up():
    counts = score(line(PLACE), (17, 19, "location"), (24, 30, "location")).by_policy["location"]
    assert (counts.found, counts.findings, counts.right) == (1, 2, 2)


def test_another_policy_masks_but_does_not_find():
    result = score(line(NAME), (0, 7, "date"))
    assert result.by_policy["person_name"] == TextCounts(labels=1, chars=6, masked=6)
    assert result.by_policy["date"] == TextCounts(findings=1, other_kind=1)
    assert [mistake.fault for mistake in result.mistakes] == [Fault.MASKED_AS_OTHER, Fault.OTHER_KIND]


def test_what_no_label_touches_is_false():
    result = score(line(NAME), (8, 13, "date"))
    assert result.by_policy["date"] == TextCounts(findings=1)
    assert result.other_masked == 5
    assert Fault.FALSE in {mistake.fault for mistake in result.mistakes}


def test_a_finding_that_reaches_too_far_is_right_and_its_rest_is_counted():
    result = score(line(NAME), (0, 13, "person_name"))
    assert result.by_policy["person_name"].right == 1
    assert (result.other, result.other_masked) == (7 + 11, 5)


def test_optional_labels_neither_reward_nor_punish():
    optional = TextLabel("date", ((0, 7),), optional=True)
    for policy in ("date", "person_name"):
        result = score(line(optional), (0, 7, policy))
        assert (dict(result.by_policy), result.mistakes) == ({}, ())


def test_number_sequence_is_not_counted_on_labels_with_numbers():
    assert "number_sequence" not in score(line(PLACE), (17, 19, "number_sequence")).by_policy
    spoken = line(TextLabel("location", ((9, 24),)), text="i am from sixty six road")
    assert "number_sequence" not in score(spoken, (10, 19, "number_sequence")).by_policy
    assert score(line(NAME), (0, 3, "number_sequence")).by_policy["number_sequence"].other_kind == 1


def test_number_sequence_is_right_on_its_own_labels():
    label = TextLabel("number_sequence", ((5, 9),))
    assert score(line(label, text="code 4417"), (5, 9, "number_sequence")).by_policy["number_sequence"].f1 == 1.0


def test_being_right_in_one_of_several_policies_is_being_right():
    label = TextLabel("religion", ((0, 8),))
    result = score(line(label, text="Lutheran choir"), (0, 8, "nationality/religion"))
    assert dict(result.by_policy) == {"religion": TextCounts(1, 1, 1, 1, 0, 8, 8)}
    wrong = score(line(text="Lutheran choir"), (0, 8, "nationality/religion"))
    assert dict(wrong.by_policy) == {"nationality": TextCounts(findings=1)}


def test_policies_that_do_not_count_leave_no_trace():
    only_names = score_line(line(NAME, PLACE), [Found(17, 30, ("location",)), Found(8, 13, ("date",))], {"person_name"})
    assert dict(only_names.by_policy) == {"person_name": TextCounts(labels=1, chars=6)}
    right_elsewhere = line(TextLabel("religion", ((0, 7),)))
    assert not score_line(right_elsewhere, [Found(0, 7, ("nationality", "religion"))], {"nationality"}).by_policy


def test_hard_negatives_are_flagged_by_what_is_not_lenient():
    negative = line(text="bus 66 to March", negative=True, lenient=("number_sequence",))
    assert not score(negative).flagged
    assert not score(negative, (4, 6, "number_sequence")).flagged
    assert score(negative, (10, 15, "date")).flagged
    assert not score(line(text="bus 66 to March"), (10, 15, "date")).flagged


def test_shares_without_anything_to_share():
    assert (TextCounts().recall, TextCounts().precision, TextCounts().f1, TextCounts().masked_share) == (None,) * 4
    assert TextCounts(labels=2).f1 == 0.0
    assert TextCounts(labels=4, found=3, findings=2, right=2).f1 == pytest.approx(2 * 0.75 / 1.75)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from(POLICIES)), max_size=6))
def test_counts_hold_together(findings: list[tuple[int, int, str]]):
    result = score(line(NAME, PLACE), *findings)
    for counts in result.by_policy.values():
        assert counts.found <= counts.labels
        assert counts.right + counts.other_kind <= counts.findings
        assert counts.masked <= counts.chars
    assert result.other_masked <= result.other
    more = score(line(NAME, PLACE), *findings, (0, 30, "person_name"))
    assert more.by_policy["person_name"].masked >= result.by_policy["person_name"].masked


def test_lines_are_read_with_flags_and_groups(tmp_path: Path):
    row = {
        "id": "dp004s",
        "pair": "dp004",
        "form": "spoken",
        "text": "four one uh-huh seven june",
        "spans": [
            {"type": "phone_number", "start": 0, "end": 8, "group": "g1", "also": ["number_sequence"]},
            {"type": "phone_number", "start": 16, "end": 21, "group": "g1"},
            {"type": "date", "start": 22, "end": 26, "optional": True},
        ],
        "prev": "your number",
    }
    negative = {"id": "dn7w", "pair": "dn7", "form": "written", "text": "x", "spans": [], "hard_negative": True}
    path = tmp_path / "lines.jsonl"
    path.write_text(f"{json.dumps(row)}\n\n{json.dumps(negative | {'lenient': ['number_sequence']})}\n")
    first, second = read_lines(path)
    assert first.labels == (
        TextLabel("phone_number", ((0, 8), (16, 21)), frozenset({"number_sequence"})),
        TextLabel("date", ((22, 26),), optional=True),
    )
    assert (first.previous, first.half, second.half) == ("your number", Half.TUNED, Half.HELD_OUT)
    assert second.hard_negative
    assert second.lenient == {"number_sequence"}
    counts = score_line(first, [Found(0, 8, ("phone_number",))], ["phone_number"]).by_policy["phone_number"]
    assert (counts.labels, counts.found, counts.chars, counts.masked) == (1, 1, 12, 7)


def test_other_formats_are_refused(tmp_path: Path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(KeyError):
        read_lines(path)
    path.write_text("no json\n")
    with pytest.raises(ValueError):
        read_lines(path)
