"""What was asked for is covered, whatever it was heard as."""

from __future__ import annotations

import pytest

from gateway.core.policy import Policy
from gateway.pii.text import redact_text

ALL = frozenset({Policy.PERSON_NAME, Policy.EMAIL_ADDRESS})


@pytest.mark.parametrize(
    ("question", "answer", "redacted"),
    [
        ("And what is your name?", "saluted grandson.", "####### ########."),
        ("Can I get your last name, please?", "Yes, it's outshade of.", "Yes, it's ######## ##."),
        ("What's your name?", "Why do you need it?", "Why do you need it?"),
        ("What's your name?", "Of course, one moment.", "Of course, one moment."),
        ("My name is Dana, how can I help you today?", "it keeps freezing.", "it keeps freezing."),
        ("Where should I send the confirmation?", "cruffy o and a cloud.", "###### # ### # #####."),
    ],
)
def test_an_answer_that_was_not_understood_is_covered(question: str, answer: str, redacted: str):
    assert redact_text(answer, ALL, previous=question).text == redacted


def test_only_what_was_chosen_is_covered():
    number = frozenset({Policy.PHONE_NUMBER})
    assert redact_text("saluted grandson.", number, previous="And what is your name?").text == "saluted grandson."
