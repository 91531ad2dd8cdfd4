"""Terms of users, their regular expressions, and policies that operators write."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.custom_policies import CustomPolicy, Value, ValueKind, choose_policies, parse_custom_policies
from gateway.core.patterns import SURE_CHARS, Pattern
from gateway.core.policy import DEFAULT_POLICIES, Policy
from gateway.core.terms import NO_TERMS, Terms
from gateway.errors import OptionError

BADGE = """
[[policy]]
name = "badge"
description = "badge numbers of staff"
cues = ["badge", "staff id"]
value = "alphanumeric 3 - 8"

[[policy]]
name = "ticket"
terms = ["golden ticket"]
patterns = ["TCK-?\\\\d{5}"]
"""


def test_terms_are_kept_once_and_hashable() -> None:
    terms = Terms.of({" A b ": ["x", "", "x", " y "], "C": []}, ["z", "z"])
    assert terms.deny == (("A b", ("x", "y")),)
    assert terms.allow == ("z",)
    assert len({terms, Terms.of({"A b": ["x", "y"]}, ["z"])}) == 1
    assert "x" not in repr(terms)
    assert not NO_TERMS
    assert terms.joined(NO_TERMS) is terms
    assert terms.joined(Terms.of({"A b": ["q"], "D": ["r"]}, ["s"])) == Terms(
        (("A b", ("x", "y", "q")), ("D", ("r",))), ("z", "s")
    )


@pytest.mark.parametrize("label", ["", " ", "a:b", "ä", "x" * 81, "a\nb"])
def test_a_wrong_label_is_named(label: str) -> None:
    with pytest.raises(OptionError, match="is no label; allowed: 1 to 80 letters"):
        Terms.of({label: ["x"]})


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(a", "missing \\)"),
        ("[z-a]", "invalid character class range"),
        (r"(a)\1", "invalid escape sequence"),
        ("a(?!b)", "invalid perl operator"),
        ("x{1001}", "invalid repetition size"),
        (r"(\w{1,100}){1,10}", "too large; use smaller numbers"),
        ("x" * 201, "201 characters; allowed: 200"),
        ("\x1b[2J(", "missing"),
    ],
)
def test_a_wrong_pattern_is_explained(pattern: str, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        Pattern(pattern)
    assert str(caught.value).isprintable()


@settings(deadline=None)
@given(st.text(max_size=30), st.text(alphabet="aab \ud800é1", max_size=400))
def test_any_pattern_is_used_or_refused(pattern: str, text: str) -> None:
    try:
        spans = list(Pattern(pattern).spans(text))
    except OptionError:
        return
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 500), st.integers(1, SURE_CHARS), st.integers(0, 500))
def test_a_match_is_found_wherever_it_lies(before: int, length: int, after: int) -> None:
    spans = list(Pattern("b+").spans("a" * before + "b" * length + "a" * after))
    assert spans == [(before, before + length)]


@pytest.mark.parametrize("pattern", ["(x+x+)+y", "x.*y|x", "(x|xx|xxx)*y", r"(\w*\w*)*\d", r".*.*.*=.*"])
def test_no_pattern_takes_more_than_its_time(pattern: str) -> None:
    began_at = time.process_time()
    list(Pattern(pattern).spans("x" * 5_000))
    assert time.process_time() - began_at < 2.0  # a backtracking engine takes hours


def test_policies_are_read_from_toml() -> None:
    badge, ticket = parse_custom_policies(BADGE, "own.toml")
    value = Value(ValueKind.ALPHANUMERIC, 3, 8)
    assert badge == CustomPolicy("badge", "badge numbers of staff", cues=("badge", "staff id"), value=value)
    assert ticket == CustomPolicy("ticket", terms=("golden ticket",), patterns=("TCK-?\\d{5}",))
    assert choose_policies("ticket,date", (badge, ticket)).custom == (ticket,)
    assert choose_policies("all", (badge, ticket)).custom == (badge, ticket)
    assert choose_policies("all", (badge, ticket)).built_in == DEFAULT_POLICIES
    assert choose_policies("everything", (badge,)).built_in == frozenset(Policy)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("", 'name: is needed: lower-case letters, digits and _, such as name = "badge_number"'),
        ('name = "Badge"', "name: is needed"),
        ('name = "date"', "name: date is the name of a built-in policy; choose another"),
        ('name = "all"', "name: all is the name of a built-in policy"),
        ('name = "badge"', "name: badge is given twice"),
        ('name = "x"\nlabel = "X"', "x: there is no field 'label'; allowed: name, description, terms, patterns, cues"),
        ('name = "x"', "x: finds nothing; give terms, patterns, or cues and value"),
        ('name = "x"\nterms = "y"', r'x: terms: a list of strings is needed, such as terms = \["..."\]'),
        ('name = "x"\nterms = [1]', "x: terms: a list of strings is needed"),
        ('name = "x"\nterms = ["a", "re:b"]', "x: terms: term 2 is a regular expression; these belong to patterns"),
        ('name = "x"\npatterns = ["(a"]', "x: patterns: term 1: a pattern is not a regular expression of RE2"),
        ('name = "x"\ndescription = 1', "x: description: a string is needed"),
        ('name = "x"\ncues = ["y"]', "x: cues and value: give both"),
        ('name = "x"\nvalue = "digits 4"', "x: cues and value: give both"),
        ('name = "x"\ncues = ["y"]\nvalue = "4 digits"', 'x: value: is not understood; allowed: "digits 4-8"'),
        ('name = "x"\ncues = ["y"]\nvalue = 4', "x: value: is not understood"),
        ('name = "x"\ncues = ["y"]\nvalue = "digits 8-4"', "x: value: 8-4 is no range"),
        ('name = "x"\ncues = ["y"]\nvalue = "digits 0-4"', "x: value: 0-4 is no range"),
        ('name = "x"\ncues = ["y"]\nvalue = "re:["', "x: value: a pattern is not a regular expression"),
    ],
)
def test_a_mistake_in_a_policy_is_named_with_its_line(row: str, message: str) -> None:
    content = f"{BADGE}\n[[policy]]\n{row}\n"
    with pytest.raises(OptionError, match=f"^own.toml, line 13: {message}"):
        parse_custom_policies(content, "own.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = ", "own.toml: is not TOML: "),
        ("", r"own.toml: holds no policy; each begins with a line \[\[policy\]\]"),
        ("[policy]\nname = 'x'", r"own.toml: every policy begins with a line \[\[policy\]\]"),
        ("[[polices]]\nname = 'x'", "there is no 'polices'"),
        ("[[policy]]\nname = 'x'\nterms = ['y']\n" * 101, "101 policies are too many; allowed: 100"),
    ],
)
def test_a_file_that_holds_no_policies(content: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_custom_policies(content, "own.toml")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_any_file_is_read_or_refused(content: str) -> None:
    with pytest.raises(OptionError, match="^own.toml"):
        parse_custom_policies(content, "own.toml")
