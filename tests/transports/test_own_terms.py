"""Strength, terms and the operator's policies over HTTP and in a live call."""

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.asr.scripted import spoken_evenly
from gateway.core.custom_policies import CustomPolicy, Value, ValueKind
from gateway.core.strength import Strength, Strengths
from gateway.core.terms import Terms
from gateway.wire.own_terms import Defaults
from tests.transports.running import CANARY, END, ScriptedRecognition, call, run, running

BADGE = CustomPolicy("badge", cues=("badge",), value=Value(ValueKind.DIGITS, 4, 4))
OPERATOR = Defaults(Strengths(Strength.PRECISE), (BADGE,), Terms.of({"PROJECT": ["blue heron"]}, ["Acme"]))


def posted(**body: object) -> httpx.Response:
    async def scenario() -> httpx.Response:
        async with running(defaults=OPERATOR) as server, httpx.AsyncClient() as client:
            return await client.post(f"http://127.0.0.1:{server.port}/v1/redact", json=body)

    return run(scenario())


def test_text() -> None:
    asked = {"policies": "badge,person_name", "sub": "entity_name", "deny": {"FIRM": ["globex"]}, "allow": ["Robert"]}
    answer = posted(text="Robert of Globex, badge 4421, drew a blue heron for Acme", **asked)
    assert answer.json()["text"] == "Robert of [FIRM], badge [BADGE], drew a [PROJECT] [PROJECT] for Acme"
    assert [span["policy"] for span in answer.json()["spans"]] == ["FIRM", "badge", "PROJECT"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strength": "mild"}, "strength: 'mild' is not allowed; allowed: strict, balanced, precise"),
        ({"strength": "tag:strict"}, "strength: there is no policy 'tag'; allowed: medical_process"),
        ({"strength": 1}, "strength: a string is needed"),
        ({"deny": ["canary"]}, 'deny: an object of lists is needed: {"LABEL": ["term", ...]}'),
        ({"deny": {"A": "canary"}}, "deny: an object of lists is needed"),
        ({"deny": {"A:B": ["canary"]}}, "deny: 'A:B' is no label"),
        ({"deny": {"A": ["canary" * 40]}}, "deny: A: term 1 has 240 characters; allowed: 200"),
        ({"deny": {"A": ["ok", "re:a{2,1}"]}}, "deny: A: term 2: a pattern is not a regular expression"),
        ({"allow": "canary"}, "allow: a list of terms is needed"),
        ({"allow": [1]}, "allow: a list of terms is needed"),
        ({"allow": ["re:x(?=y)"]}, "look-around and back references are not allowed"),
    ],
)
def test_a_wrong_choice_is_named_and_no_term_repeated(wrong: dict[str, object], message: str) -> None:
    answer = posted(text="x", policies="all", **wrong)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
    assert "canary" not in answer.text


def test_a_live_call() -> None:
    script = spoken_evenly(f"we say {CANARY} and blue heron to globex")

    async def scenario() -> None:
        async with running(ScriptedRecognition({0: script}), defaults=OPERATOR) as server:
            query = "policies=all&pace=elastic&sample_rate=8000&captions=final&sub=entity_name"
            ended = await call(
                server.url(f"{query}&deny=FIRM:re:glob.x&allow={CANARY}&strength=strict"), [bytes(8000 * 2 * 4), END]
            )
            begun = ended.of("begin")[0]["settings"]
            assert (begun["strength"], begun["deny"], begun["allow"]) == ("strict", {"PROJECT": 1, "FIRM": 1}, 2)
            assert begun["policies"][-1] == "badge"
            text = " ".join(event["text"] for event in ended.of("caption"))
            assert text == f"we say {CANARY} and [PROJECT] [PROJECT] to [FIRM]"
            assert ended.of("done")[0]["statistics"]["spans"] == {"FIRM": 1, "PROJECT": 1}
            async with httpx.AsyncClient() as client:
                metrics = (await client.get(f"http://127.0.0.1:{server.port}/metrics")).text
            assert "FIRM" not in metrics
            assert 'gateway_redacted_seconds_total{policy="own_terms"} 0.0' not in metrics

    run(scenario())


def test_a_call_with_a_wrong_term_is_refused_before_the_upgrade() -> None:
    async def scenario() -> None:
        async with running() as server:
            with pytest.raises(InvalidStatus) as refused:
                async with connect(server.url("policies=all&deny=globex")):
                    raise AssertionError("it was accepted")
            assert refused.value.response.status_code == 400
            assert b"deny: a label is needed before the term: deny LABEL:term" in (refused.value.response.body or b"")

    run(scenario())


def test_many_terms_fit_into_the_address_of_a_call() -> None:
    terms = "".join(f"&deny=PLACE:place%20number%20{number}" for number in range(200))

    async def scenario() -> None:
        async with running() as server:
            ended = await call(server.url(f"policies=all&pace=elastic{terms}"), [END])
            assert ended.of("begin")[0]["settings"]["deny"] == {"PLACE": 200}

    run(scenario())
