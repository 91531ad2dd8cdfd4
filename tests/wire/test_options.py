"""Options of a call: every one, its default, and every mistake."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.custom_policies import CustomPolicy
from gateway.core.policy import DEFAULT_POLICIES, Policy, Substitution, parse_policies
from gateway.core.settings import Captions, Pace, SessionSettings
from gateway.core.strength import Strength, Strengths
from gateway.core.terms import Terms
from gateway.errors import OptionError
from gateway.media.encoding import Encoding
from gateway.media.mask import Masking
from gateway.wire.options import CHANNELS, NAMES, SAMPLE_RATES, parse_options, query_of, settings_in_force
from gateway.wire.own_terms import Defaults

BADGE = CustomPolicy("badge", terms=("x15",))
TERMS = st.builds(
    Terms.of,
    st.dictionaries(
        st.from_regex(r"[A-Za-z0-9_-]{1,9}", fullmatch=True),
        st.lists(st.sampled_from(["blue heron", "a:b", "50% & more", "re:emp-?\\d{4}", "Müller"]), min_size=1),
        max_size=4,
    ),
    st.lists(st.sampled_from(["Acme", "1-800-555-0199", "re:order +\\d"])),
)
STRENGTHS = st.builds(
    Strengths,
    st.sampled_from(Strength),
    st.dictionaries(st.sampled_from(["date", "badge"]), st.sampled_from(Strength)),
)
SETTINGS = st.builds(
    SessionSettings,
    policies=st.frozensets(st.sampled_from(Policy), min_size=1),
    encoding=st.sampled_from(Encoding),
    sample_rate=st.sampled_from(SAMPLE_RATES),
    channels=st.sampled_from(CHANNELS),
    substitution=st.sampled_from(Substitution),
    masking=st.sampled_from(Masking),
    lookahead_ms=st.integers(500, 10_000),
    captions=st.sampled_from(Captions),
    pace=st.sampled_from(Pace),
    strengths=STRENGTHS,
    custom=st.sampled_from([(), (BADGE,)]),
    terms=TERMS,
)


def test_only_policies_has_no_default() -> None:
    assert parse_options("policies=phone_number") == SessionSettings(frozenset({Policy.PHONE_NUMBER}))
    assert settings_in_force(parse_options("policies=date,phone_number")) == {
        "encoding": "pcm_s16le",
        "sample_rate": 16000,
        "channels": 1,
        "policies": ["phone_number", "date"],
        "sub": "hash",
        "audio": "tone",
        "lookahead_ms": 2000,
        "captions": "partial",
        "pace": "realtime",
        "strength": "balanced",
        "deny": {},
        "allow": 0,
    }
    assert tuple(settings_in_force(parse_options("policies=all"))) == NAMES


@settings(deadline=None, max_examples=50)
@given(SETTINGS)
def test_settings_survive_the_query_string(asked: SessionSettings) -> None:
    assert parse_options(query_of(asked), Defaults(custom=(BADGE,))) == asked


@pytest.mark.parametrize("query", ["", "policies=", "policies=,", "policies=%20,%20", "encoding=mulaw"])
def test_no_policies_is_an_error_that_says_so(query: str) -> None:
    with pytest.raises(OptionError, match="^policies: choose at least one .*all or .*phone_number"):
        parse_options(query)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("encoding=opus", "encoding: 'opus' is not allowed; allowed: pcm_s16le, mulaw, alaw"),
        ("encoding=", "encoding: '' is not allowed; allowed: pcm_s16le, mulaw, alaw"),
        ("sample_rate=11025", "sample_rate: '11025' is not allowed; allowed: 8000, 16000, 24000, 48000"),
        ("sample_rate=8000.0", "sample_rate: '8000.0' is not allowed; allowed: 8000, 16000, 24000, 48000"),
        ("channels=3", "channels: '3' is not allowed; allowed: 1, 2"),
        ("sub=stars", "sub: 'stars' is not allowed; allowed: hash, entity_name"),
        ("audio=beep", "audio: 'beep' is not allowed; allowed: tone, silence, noise"),
        ("captions=all", "captions: 'all' is not allowed; allowed: partial, final, none"),
        ("pace=fast", "pace: 'fast' is not allowed; allowed: realtime, elastic"),
        ("lookahead_ms=499", "lookahead_ms: '499' is not allowed; allowed: whole milliseconds from 500 to 10000"),
        ("lookahead_ms=10001", "lookahead_ms: '10001' is not"),
        ("lookahead_ms=1e3", "lookahead_ms: '1e3' is not"),
        ("lookahead_ms=-2000", "lookahead_ms: '-2000' is not"),
        ("lookahead_ms=%D9%A2%D9%A0%D9%A0%D9%A0", r"lookahead_ms: '\\u0662\\u0660\\u0660\\u0660' is not"),
        ("polices=all", r"there is no option 'polices' \(did you mean policies\?\); allowed: encoding, sample_rate"),
        ("token=x", "there is no option 'token'; allowed: encoding"),
        ("%1b[2J=x", r"there is no option '\\x1b\[2J'"),
        ("encoding=mulaw&encoding=alaw", "encoding: given more than once"),
        ("policies=date,phone", "policies: there is no policy 'phone'; allowed: all or everything, or medical_process"),
        ("&".join(f"a{n}=1" for n in range(513)), "more than 512 options"),
        ("strength=mild", "strength: 'mild' is not allowed; allowed: strict, balanced, precise, also for single"),
        ("strength=badge:strict", "strength: there is no policy 'badge'; allowed: medical_process, "),
        ("strength=strict,precise", "strength: one strength is for everything"),
        ("deny=heron", "deny: a label is needed before the term: deny LABEL:term"),
        ("deny=:heron", "deny: '' is no label; allowed: 1 to 80 letters, digits, spaces, - and _ of ASCII"),
        ("deny=A%2FB:heron", "deny: 'A/B' is no label"),
        ("deny=A:heron&deny=A:%23", "deny: A: term 2 has no letter and no digit"),
        ("allow=" + "x" * 201, "allow: term 1 has 201 characters; allowed: 200"),
        ("deny=A:re:(x", "deny: A: term 1: a pattern is not a regular expression of RE2: missing \\): \\(x"),
        ("allow=re:(%3F%3Dx)", "allow: term 1: a pattern is not .* invalid perl operator: .*look-around and back ref"),
        ("&".join(f"allow=x{n}" for n in range(201)), "allow: 201 terms are too many; allowed: 200"),
        ("&".join(f"deny=L{n}:x" for n in range(101)), "deny: 101 labels are too many; allowed: 100"),
        ("&".join(f"allow=re:x{n}" for n in range(21)), "21 regular expressions are too many; allowed: 20"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(query: str, message: str) -> None:
    if not query.startswith("policies"):
        query = f"policies=all&{query}"
    with pytest.raises(OptionError, match=message):
        parse_options(query)


def test_a_long_value_is_cut() -> None:
    with pytest.raises(OptionError) as caught:
        parse_options("policies=all&encoding=" + "x" * 5000)
    assert len(str(caught.value)) < 200


@given(st.text(max_size=80))
def test_any_query_is_read_or_refused(query: str) -> None:
    try:
        parse_options(query)
    except OptionError as error:
        assert str(error).isprintable()  # noqa: PT017


def test_policies_by_name() -> None:
    assert parse_policies("all") == DEFAULT_POLICIES
    assert parse_policies("time, all") == DEFAULT_POLICIES | {Policy.TIME}
    assert parse_policies("date, everything") == frozenset(Policy)
    assert parse_policies(" date ,phone_number,") == {Policy.DATE, Policy.PHONE_NUMBER}


def test_all_does_not_hide_a_wrong_name() -> None:
    with pytest.raises(OptionError, match="there is no policy 'foo'"):
        parse_policies("all,foo")


OPERATOR = Defaults(
    Strengths(Strength.STRICT, {"badge": Strength.PRECISE}), (BADGE,), Terms.of({"PROJECT": ["blue heron"]}, ["Acme"])
)


def test_what_the_operator_gives_to_every_session() -> None:
    parsed = parse_options("policies=all&deny=PROJECT:red fox&deny=FIRM:Globex&allow=Initech", OPERATOR)
    assert parsed.custom == (BADGE,)
    assert parsed.strengths == OPERATOR.strengths
    assert parsed.terms.deny == (("PROJECT", ("blue heron", "red fox")), ("FIRM", ("Globex",)))
    assert parsed.terms.allow == ("Acme", "Initech")
    told = settings_in_force(parsed)
    assert (told["deny"], told["allow"], told["strength"]) == ({"PROJECT": 2, "FIRM": 1}, 2, "strict,badge:precise")
    assert isinstance(told["policies"], list)
    assert told["policies"][-1] == "badge"
    assert "heron" not in str(told)


def test_a_policy_of_the_operator_is_chosen_by_name() -> None:
    parsed = parse_options("policies=badge&strength=precise", OPERATOR)
    assert (parsed.policies, parsed.custom) == (frozenset(), (BADGE,))
    assert parsed.strengths == Strengths(Strength.PRECISE)
    assert parse_options("policies=date", OPERATOR).custom == ()
    with pytest.raises(OptionError, match="there is no policy 'badg'; allowed: all .*; of this gateway: badge"):
        parse_options("policies=badg", OPERATOR)
    with pytest.raises(OptionError, match="choose at least one .*; of this gateway: badge"):
        parse_options("", OPERATOR)


def test_a_label_has_a_strength_of_its_own() -> None:
    assert parse_options("policies=all&deny=A b:x&strength=A b:strict").strengths.by_policy == {"A b": Strength.STRICT}
