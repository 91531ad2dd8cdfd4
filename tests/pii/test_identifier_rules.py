"""Numbers with cues of their own, web and IP addresses, file names, passwords and user names."""

from __future__ import annotations

import pytest

from gateway.core.policy import Policy
from tests.pii.by_rules import findings, found


@pytest.mark.parametrize(
    ("policy", "text", "expected"),
    [
        (Policy.ACCOUNT_NUMBER, "Member ID: HZ-5235-001", "HZ-5235-001"),
        (Policy.ACCOUNT_NUMBER, "my member id is h z five two three five", "h z five two three five"),
        (Policy.ACCOUNT_NUMBER, "policy number one double oh four two nine", "one double oh four two nine"),
        (Policy.HEALTHCARE_NUMBER, "medical record number 88 12 904", "88 12 904"),
        (
            Policy.HEALTHCARE_NUMBER,
            "the nhs number is nine four three four seven six",
            "nine four three four seven six",
        ),
        (Policy.PASSPORT_NUMBER, "my passport is PA4568332", "PA4568332"),
        (Policy.PASSPORT_NUMBER, "passport n u three c six l eight six", "n u three c six l eight six"),
        (Policy.VEHICLE_ID, "license plate BIF7547", "BIF7547"),
        (Policy.VEHICLE_ID, "the plate is b i f seven five four seven", "b i f seven five four seven"),
        (Policy.VEHICLE_ID, "1HGCM82633A004352", "1HGCM82633A004352"),
        (Policy.ORGANIZATION_ID, "our EIN is 12-3456789", "12-3456789"),
        (
            Policy.ORGANIZATION_ID,
            "the tax id is one two three four five six seven",
            "one two three four five six seven",
        ),
        (Policy.MEDICAL_CODE, "the ICD-10 code is J45.909", "J45.909"),
        (Policy.MEDICAL_CODE, "c p t code nine nine two one three", "nine nine two one three"),
        (Policy.PASSWORD, "my pin is four four one nine", "four four one nine"),
        (Policy.PASSWORD, "my password is temp1234", "temp1234"),
        (Policy.PASSWORD, "the password is 27%alfalfa okay", "27%alfalfa"),
        (Policy.PASSWORD, "password is capital b blue dash four four", "capital b blue dash four four"),
        (Policy.PASSWORD, "my mother's maiden name is Smith", "Smith"),
        (Policy.USERNAME, "my username is brad underscore jones", "brad underscore jones"),
        (Policy.USERNAME, "username: hz_5235", "hz_5235"),
        (Policy.USERNAME, "follow us @AssemblyAI", "AssemblyAI"),
        (Policy.URL, "go to www.acme.com/help", "www.acme.com/help"),
        (Policy.URL, "www dot acme dot com slash help", "www dot acme dot com slash help"),
        (Policy.URL, "it is acme dot com", "acme dot com"),
        (Policy.URL, "a c m e dot org slash faq", "a c m e dot org slash faq"),
        (Policy.URL, "see https://acme.example/x?y=1", "https://acme.example/x?y=1"),
        (Policy.IP_ADDRESS, "my ip is 192.168.0.1", "192.168.0.1"),
        (Policy.IP_ADDRESS, "ten dot zero dot zero dot one", "ten dot zero dot zero dot one"),
        (Policy.IP_ADDRESS, "fe80::1ff:fe23:4567:890a", "fe80::1ff:fe23:4567:890a"),
        (Policy.FILENAME, "in Taxes/2012/brad-tax-returns.pdf", "Taxes/2012/brad-tax-returns.pdf"),
        (Policy.FILENAME, "it's called resume dot pdf", "resume dot pdf"),
        (Policy.FILENAME, "open budget dot x l s x", "budget dot x l s x"),
    ],
)
def test_found(policy: Policy, text: str, expected: str) -> None:
    assert found(text, policy) == [expected]


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (Policy.ACCOUNT_NUMBER, "my order number is 4417 29"),
        (Policy.PASSWORD, "my password is not working"),
        (Policy.PASSWORD, "I forgot my password"),
        (Policy.USERNAME, "john@x.com"),
        (Policy.URL, "send it to john dot smith at gmail dot com"),
        (Policy.URL, "and so on. Then we left"),
        (Policy.URL, "5.30 p.m."),
        (Policy.IP_ADDRESS, "version 1.2.3"),
        (Policy.IP_ADDRESS, "the time is 10:30:15"),
        (Policy.IP_ADDRESS, "it costs 1.200.300.400"),
        (Policy.FILENAME, "the end. PDF files are fine"),
        (Policy.VEHICLE_ID, "1HGCM82633A004353"),
        (Policy.MEDICAL_CODE, "the area code is 512"),
    ],
)
def test_not_found(policy: Policy, text: str) -> None:
    assert found(text, policy) == []


@pytest.mark.parametrize(
    ("policy", "asked", "answer", "expected"),
    [
        (Policy.PASSWORD, "what's the password?", "fluffy bunny", ["fluffy bunny"]),
        (Policy.PASSWORD, "what's the password?", "I don't know", []),
        (Policy.PASSWORD, "What's your mother's maiden name?", "it's Smith", ["Smith"]),
        (Policy.USERNAME, "and your user name?", "it's dragonfly nine nine", ["dragonfly nine nine"]),
        (Policy.ACCOUNT_NUMBER, "your member number please?", "uh 88172 345", ["88172 345"]),
        (Policy.VEHICLE_ID, "what's the license plate?", "seven a b c one two three", ["seven a b c one two three"]),
    ],
)
def test_answers(policy: Policy, asked: str, answer: str, expected: list[str]) -> None:
    assert found(answer, policy, asked) == expected


def test_identifiers_are_still_sequences() -> None:
    text = "my member id is 5235 0012 44"
    assert found(text, Policy.NUMBER_SEQUENCE) == ["5235 0012 44"]
    both = findings(text, {Policy.NUMBER_SEQUENCE, Policy.ACCOUNT_NUMBER})
    assert {name for _, name in both} == {"account_number", "number_sequence"}
