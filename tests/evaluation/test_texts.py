"""Scores of lines add up by form and half, and come out as JSON and as tables without the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.core.policy import Policy
from gateway.evaluation.text_scoring import Found, Half, TextLabel, TextLine
from gateway.evaluation.texts import NUMERIC, evaluate_lines, evaluate_texts, labelled_policies, own_detector

LINES = Path(__file__).resolve().parents[3] / "shared" / "devset" / "text" / "lines.jsonl"

SAMPLE = (
    TextLine("a2w", 2, "written", "I am Xanthe", (TextLabel("person_name", ((5, 11),)),)),
    TextLine("a3w", 3, "written", "It was Xanthe", (TextLabel("person_name", ((7, 13),)),), "who was it"),
    TextLine("a2s", 2, "spoken", "i am xanthe", (TextLabel("person_name", ((5, 11),)),)),
    TextLine("n4w", 4, "written", "March in", hard_negative=True),
    TextLine("n6w", 6, "written", "Mark it", hard_negative=True),
)


def finds_capitals(text: str, previous: str) -> list[Found]:
    """Takes "Xanthe" for a name, and "March" for a date; a question makes it take nothing."""
    places = [(text.find(word), word, policy) for word, policy in (("Xanthe", "person_name"), ("March", "date"))]
    return [Found(at, at + len(word), (policy,)) for at, word, policy in places if at >= 0 and not previous]


def test_forms_and_halves_are_counted_apart():
    report = evaluate_lines(SAMPLE, ("person_name", "date"), finds_capitals)
    assert report.forms == ("written", "spoken")
    tuned, held_out = report.score("written", Half.TUNED), report.score("written", Half.HELD_OUT)
    assert (tuned.total.recall, held_out.total.recall) == (1.0, 0.0)
    assert (tuned.negatives, tuned.flagged, tuned.flagged_share) == (2, 1, 0.5)
    assert held_out.flagged_share is None
    whole = report.score("written")
    assert (whole.lines, whole.total.labels, whole.total.found, whole.total.findings) == (4, 2, 1, 2)
    assert whole.total.precision == 0.5
    assert whole.mean_f1 == pytest.approx(2 / 3)
    assert whole.numeric.findings == 1
    assert report.score("spoken").total.f1 == 0.0
    with pytest.raises(KeyError):
        report.score("spoken", Half.HELD_OUT)


def test_rows_and_tables_hold_no_text():
    report = evaluate_lines(SAMPLE, ("person_name", "date"), finds_capitals)
    written = json.dumps(report.row()) + report.markdown()
    assert "anthe" not in written
    row = report.row()["scores"][0]
    assert (row["form"], row["half"], row["all"]["recall"]) == ("written", "tuned", 1.0)
    assert row["policies"]["person_name"]["masked_share"] == 1.0
    assert "| written | both | 4 | 0.500 | 0.500 | 0.500 |" in report.markdown()
    assert "| `person_name` | 2 | 0.500 | 1.000 |" in report.markdown()


def test_tables_are_well_formed():
    rows = evaluate_lines(SAMPLE, ("person_name", "date"), finds_capitals).markdown().splitlines()
    for table in (rows[: rows.index("")], rows[rows.index("") + 1 :]):
        assert len({row.count("|") for row in table}) == 1


def test_the_gateway_finds_only_what_it_is_asked_for():
    found = own_detector(["person_name"])("My name is Alice Carter, born May 5th 1980.", "")
    assert [span.policies for span in found] == [(Policy.PERSON_NAME,)]


@pytest.mark.devset
def test_the_labelled_set_is_measured():
    if not LINES.exists():
        pytest.skip("the labelled set is not beside the checkout")
    report = evaluate_texts(LINES)
    assert set(report.policies) >= NUMERIC
    assert report.forms == ("written", "spoken")
    for form in report.forms:
        assert (
            report.score(form, Half.TUNED).lines + report.score(form, Half.HELD_OUT).lines == report.score(form).lines
        )
        assert report.score(form).numeric.recall > 0.9
        assert report.score(form).flagged_share < 0.1


def test_policies_are_those_of_the_labels():
    assert labelled_policies(SAMPLE) == ("person_name",)
