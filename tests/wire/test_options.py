"""Options of a call: every one, its default, and every mistake."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.policy import DEFAULT_POLICIES, Policy, Substitution, parse_policies
from gateway.core.settings import Captions, Pace, SessionSettings
from gateway.errors import OptionError
from gateway.media.encoding import Encoding
from gateway.media.mask import Masking
from gateway.wire.options import CHANNELS, NAMES, SAMPLE_RATES, parse_options, settings_in_force

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
    }


@given(SETTINGS)
def test_settings_survive_the_query_string(settings: SessionSettings) -> None:
    fields = {
        name: ",".join(value) if isinstance(value, list) else value
        for name, value in settings_in_force(settings).items()
    }
    assert tuple(fields) == NAMES
    assert parse_options(urlencode(fields)) == settings


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
        ("&".join(f"a{n}=1" for n in range(65)), "more than 64 options"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(query: str, message: str) -> None:
    if not query.startswith(("policies", "&")):
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
