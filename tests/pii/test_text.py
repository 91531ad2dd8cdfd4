"""Plain text in, masked text and spans out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.policy import Policy, Substitution
from gateway.pii.text import redact_text

ALL = frozenset(Policy)


def test_spans_point_into_the_original_text() -> None:
    text = "Hi,  my name is Felicia Montrose.\nCall 610-265-1714, please."
    redacted = redact_text(text, ALL)
    assert [(text[span.start : span.end], span.policy) for span in redacted.spans] == [
        ("Felicia Montrose", Policy.PERSON_NAME),
        ("610-265-1714", Policy.PHONE_NUMBER),
    ]
    assert redacted.text == "Hi,  my name is ####### ########.\nCall ###-###-####, please."


def test_tags_are_one_for_each_word() -> None:
    redacted = redact_text("My name is Felicia Montrose.", ALL, Substitution.ENTITY_NAME)
    assert redacted.text == "My name is [PERSON_NAME] [PERSON_NAME]."


def test_the_question_before_counts() -> None:
    assert redact_text("oh nine twenty eight", ALL, previous="Expiration date?").spans[0].policy is (
        Policy.CREDIT_CARD_EXPIRATION
    )


def test_only_what_is_selected_is_masked() -> None:
    text = "My name is Felicia and my number is 610-265-1714"
    assert redact_text(text, {Policy.PHONE_NUMBER}).text == "My name is Felicia and my number is ###-###-####"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_keeps_its_shape(text: str, previous: str) -> None:
    redacted = redact_text(text, ALL, previous=previous)
    assert len(redacted.text) == len(text)
    position = 0
    for span in redacted.spans:
        assert position <= span.start < span.end <= len(text)
        position = span.end
    inside = {index for span in redacted.spans for index in range(span.start, span.end)}
    for index, (before, after) in enumerate(zip(text, redacted.text, strict=True)):
        assert after == ("#" if index in inside and before.isalnum() else before)
