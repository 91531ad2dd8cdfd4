"""Times, durations, parts of dates and places, bodies, injuries, named organisations and events, answers."""

from __future__ import annotations

import pytest

from gateway.core.policy import Policy
from tests.pii.by_rules import found


@pytest.mark.parametrize(
    ("policy", "text", "expected"),
    [
        (Policy.TIME, "call me at 7:30 p.m. eastern", ["7:30 p.m. eastern"]),
        (Policy.TIME, "meet at ten thirty am", ["ten thirty am"]),
        (Policy.TIME, "half past six in the morning", ["half past six in the morning"]),
        (Policy.TIME, "around noon", ["noon"]),
        (Policy.TIME, "5 people at the door", []),
        (Policy.DURATION, "it took about eight months", ["eight months"]),
        (Policy.DURATION, "two and a half hours", ["two and a half hours"]),
        (Policy.DURATION, "in 2 to 3 weeks", ["2 to 3 weeks"]),
        (Policy.DURATION, "my ten year old", []),
        (Policy.DURATION, "twice a day", []),
        (Policy.STATISTICS, "about 18%", ["18"]),
        (Policy.STATISTICS, "eighteen percent", ["eighteen percent"]),
        (Policy.DAY, "see you Monday", ["Monday"]),
        (Policy.DAY, "March twenty ninth", ["twenty ninth"]),
        (Policy.MONTH, "some time in January", ["January"]),
        (Policy.MONTH, "I may march on", []),
        (Policy.YEAR, "since nineteen ninety", ["nineteen ninety"]),
        (Policy.YEAR, "March 29, 2024", ["2024"]),
        (Policy.YEAR, "it costs 2024 dollars", []),
        (Policy.DATE_INTERVAL, "the summer of 2019", ["summer of 2019"]),
        (Policy.DATE_INTERVAL, "in the early nineties", ["the early nineties"]),
        (Policy.DATE_INTERVAL, "from March to June", ["March to June"]),
        (Policy.DATE_INTERVAL, "5-9 May", ["5-9 May"]),
        (Policy.DATE_INTERVAL, "a spring mattress", []),
        (Policy.PHYSICAL_ATTRIBUTE, "I'm five foot ten", ["five foot ten"]),
        (Policy.PHYSICAL_ATTRIBUTE, "he is 190 cm tall", ["190 cm tall"]),
        (Policy.PHYSICAL_ATTRIBUTE, "I weigh 180 pounds", ["180 pounds"]),
        (Policy.PHYSICAL_ATTRIBUTE, "she has long black hair", ["long black hair"]),
        (Policy.PHYSICAL_ATTRIBUTE, "a tall order", []),
        (Policy.PHYSICAL_ATTRIBUTE, "twenty pounds of flour", []),
        (Policy.INJURY, "I broke my arm", ["broke my arm"]),
        (Policy.INJURY, "a sprained wrist", ["sprained wrist"]),
        (Policy.INJURY, "she twisted her left knee badly", ["twisted her left knee"]),
        (Policy.INJURY, "we cut back on costs", []),
        (Policy.INJURY, "I hit the back button", []),
        (Policy.BLOOD_TYPE, "I'm O positive", ["O positive"]),
        (Policy.BLOOD_TYPE, "she is a b negative", ["a b negative"]),
        (Policy.BLOOD_TYPE, "blood type A-", ["A"]),
        (Policy.BLOOD_TYPE, "I'm positive about that", []),
        (Policy.BLOOD_TYPE, "it's a positive thing", []),
        (Policy.DRUG, "he takes quinapril", ["quinapril"]),
        (Policy.DRUG, "high cholesterol", []),
        (Policy.MEDICAL_CONDITION, "a bad sinus infection", ["sinus infection"]),
        (Policy.MEDICAL_PROCESS, "a laryngoscopy", ["laryngoscopy"]),
        (Policy.ORGANIZATION, "I work at redwood plumbing supply", ["redwood plumbing supply"]),
        (Policy.ORGANIZATION, "This is Kids First Pediatrics.", ["Kids First Pediatrics"]),
        (Policy.ORGANIZATION, "the university of alaska", ["university of alaska"]),
        (Policy.ORGANIZATION, "my insurance company is great", []),
        (Policy.ORGANIZATION, "he works for the government", []),
        (Policy.ORGANIZATION_MEDICAL_FACILITY, "at Lakeside General Hospital", ["Lakeside General Hospital"]),
        (Policy.ORGANIZATION_MEDICAL_FACILITY, "at Acme Bank", []),
        (Policy.OCCUPATION, "I'm a window fitter", ["window fitter"]),
        (Policy.OCCUPATION, "I'm a customer of yours", []),
        (Policy.EVENT, "the Riverside Jazz Festival", ["Riverside Jazz Festival"]),
        (Policy.EVENT, "a video conference", []),
        (Policy.EVENT, "Hurricane Andrew", ["Hurricane Andrew"]),
        (Policy.PROJECT, "Project Apollo is late", ["Project Apollo"]),
        (Policy.PROJECT, "the project manager called", []),
        (Policy.PRODUCT, "a Tesla Model 3", ["Tesla Model 3"]),
        (Policy.GENDER_SEXUALITY, "he is transgender and gay", ["transgender", "gay"]),
        (Policy.GENDER, "he is transgender and gay", ["transgender"]),
    ],
)
def test_what_is_found(policy: Policy, text: str, expected: list[str]) -> None:
    assert found(text, policy) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we camped at Lake Victoria", ["Lake Victoria"]),
        ("the sky harbor airport", ["harbor airport"]),
        ("Riverside Park is closed", ["Riverside Park"]),
        ("stuck on the turnpike near scranton", ["scranton"]),
        ("at the local airport", []),
        ("near the lake house", []),
        ("I'll park the car", []),
    ],
)
def test_places_by_the_form_of_their_names(text: str, expected: list[str]) -> None:
    assert found(text, Policy.LOCATION) == expected


ADDRESS = "I live at 288 Juniper Street, Asheville, North Carolina 28801."


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy.LOCATION, ["288 Juniper Street, Asheville, North Carolina 28801"]),
        (Policy.LOCATION_ADDRESS, ["288 Juniper Street, Asheville, North Carolina 28801"]),
        (Policy.LOCATION_ADDRESS_STREET, ["288 Juniper Street"]),
        (Policy.LOCATION_CITY, ["Asheville"]),
        (Policy.LOCATION_STATE, ["North Carolina"]),
        (Policy.LOCATION_ZIP, ["28801"]),
        (Policy.LOCATION_COUNTRY, []),
    ],
)
def test_a_part_of_an_address_or_the_whole(policy: Policy, expected: list[str]) -> None:
    assert found(ADDRESS, policy) == expected


def test_parts_of_other_places() -> None:
    assert found("moving to Canada", Policy.LOCATION_COUNTRY) == ["Canada"]
    assert found("the zip is three oh three oh seven", Policy.LOCATION_ZIP) == ["three oh three oh seven"]
    assert found("37.7749° N, 122.4194° W", Policy.LOCATION_COORDINATE) == ["37.7749° N, 122.4194° W"]
    assert found("37.7749° N, 122.4194° W", Policy.LOCATION) == ["37.7749° N, 122.4194° W"]
    assert found("I owe 122 dollars", Policy.LOCATION_COORDINATE) == []


@pytest.mark.parametrize(
    ("policy", "asked", "answer", "expected"),
    [
        (Policy.ORGANIZATION, "Who do you work for?", "uh harbor point claims", ["harbor point claims"]),
        (Policy.OCCUPATION, "What do you do for a living?", "glass blowing", ["glass blowing"]),
        (Policy.NATIONALITY, "what is your ethnicity?", "Chuvash", ["Chuvash"]),
        (Policy.DRUG, "are you on any medications?", "Zepaline", ["Zepaline"]),
        (Policy.DRUG, "are you on any medications?", "no, none", []),
        (Policy.BLOOD_TYPE, "what's your blood type?", "A positive", ["A positive"]),
        (Policy.OCCUPATION, "your occupation is on file", "thanks a lot", []),
    ],
)
def test_answers(policy: Policy, asked: str, answer: str, expected: list[str]) -> None:
    assert found(answer, policy, asked) == expected
