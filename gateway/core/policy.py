"""The names of what can be redacted, and of how it is shown and masked: AssemblyAI's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.errors import OptionError

ALL: Final = "all"
"""Stands for `DEFAULT_POLICIES`."""

EVERYTHING: Final = "everything"
"""Stands for every policy there is, such as durations and weekdays, which are rarely private."""


class Policy(StrEnum):
    """A kind of personal information. The cards in `gateway.pii.cards` say what each is and how it is found."""

    MEDICAL_PROCESS = "medical_process"
    MEDICAL_CONDITION = "medical_condition"
    BLOOD_TYPE = "blood_type"
    DRUG = "drug"
    INJURY = "injury"
    NUMBER_SEQUENCE = "number_sequence"
    EMAIL_ADDRESS = "email_address"
    DATE_OF_BIRTH = "date_of_birth"
    PHONE_NUMBER = "phone_number"
    US_SOCIAL_SECURITY_NUMBER = "us_social_security_number"
    CREDIT_CARD_NUMBER = "credit_card_number"
    CREDIT_CARD_EXPIRATION = "credit_card_expiration"
    CREDIT_CARD_CVV = "credit_card_cvv"
    DATE = "date"
    NATIONALITY = "nationality"
    EVENT = "event"
    LANGUAGE = "language"
    LOCATION = "location"
    MONEY_AMOUNT = "money_amount"
    PERSON_NAME = "person_name"
    PERSON_AGE = "person_age"
    ORGANIZATION = "organization"
    POLITICAL_AFFILIATION = "political_affiliation"
    OCCUPATION = "occupation"
    RELIGION = "religion"
    DRIVERS_LICENSE = "drivers_license"
    BANKING_INFORMATION = "banking_information"
    ACCOUNT_NUMBER = "account_number"
    HEALTHCARE_NUMBER = "healthcare_number"
    PASSPORT_NUMBER = "passport_number"
    PASSWORD = "password"
    USERNAME = "username"
    URL = "url"
    IP_ADDRESS = "ip_address"
    VEHICLE_ID = "vehicle_id"
    ORGANIZATION_ID = "organization_id"
    MEDICAL_CODE = "medical_code"
    LOCATION_ADDRESS = "location_address"
    LOCATION_ADDRESS_STREET = "location_address_street"
    LOCATION_CITY = "location_city"
    LOCATION_COORDINATE = "location_coordinate"
    LOCATION_COUNTRY = "location_country"
    LOCATION_STATE = "location_state"
    LOCATION_ZIP = "location_zip"
    ORGANIZATION_MEDICAL_FACILITY = "organization_medical_facility"
    GENDER_SEXUALITY = "gender_sexuality"
    GENDER = "gender"
    SEXUALITY = "sexuality"
    MARITAL_STATUS = "marital_status"
    PHYSICAL_ATTRIBUTE = "physical_attribute"
    ZODIAC_SIGN = "zodiac_sign"
    DATE_INTERVAL = "date_interval"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    TIME = "time"
    DURATION = "duration"
    STATISTICS = "statistics"
    FILENAME = "filename"
    PRODUCT = "product"
    PROJECT = "project"
    FINANCIAL_METRIC = "financial_metric"
    CORPORATE_ACTION = "corporate_action"
    TREND = "trend"
    EFFECT = "effect"


_PARTS_AND_BUSINESS_WORDS: Final = frozenset(
    {
        *(policy for policy in Policy if policy.startswith("location_")),
        Policy.ORGANIZATION_MEDICAL_FACILITY,
        Policy.GENDER_SEXUALITY,
        Policy.GENDER,
        Policy.SEXUALITY,
        Policy.MARITAL_STATUS,
        Policy.PHYSICAL_ATTRIBUTE,
        Policy.ZODIAC_SIGN,
        Policy.DATE_INTERVAL,
        Policy.DAY,
        Policy.MONTH,
        Policy.YEAR,
        Policy.TIME,
        Policy.DURATION,
        Policy.STATISTICS,
        Policy.FILENAME,
        Policy.PRODUCT,
        Policy.PROJECT,
        Policy.FINANCIAL_METRIC,
        Policy.CORPORATE_ACTION,
        Policy.TREND,
        Policy.EFFECT,
    }
)

DEFAULT_POLICIES: Final = frozenset(Policy) - _PARTS_AND_BUSINESS_WORDS
"""What "all" stands for: the 27 kinds every caller expects and the identifiers nobody wants to leak."""

WIDER: Final[Mapping[Policy, Policy]] = MappingProxyType(
    {
        Policy.LOCATION_ADDRESS_STREET: Policy.LOCATION_ADDRESS,
        Policy.LOCATION_ADDRESS: Policy.LOCATION,
        Policy.LOCATION_CITY: Policy.LOCATION,
        Policy.LOCATION_COORDINATE: Policy.LOCATION,
        Policy.LOCATION_COUNTRY: Policy.LOCATION,
        Policy.LOCATION_STATE: Policy.LOCATION,
        Policy.LOCATION_ZIP: Policy.LOCATION,
        Policy.ORGANIZATION_MEDICAL_FACILITY: Policy.ORGANIZATION,
        Policy.GENDER: Policy.GENDER_SEXUALITY,
        Policy.SEXUALITY: Policy.GENDER_SEXUALITY,
    }
)
"""The policy each narrower one is a kind of. Choosing the wide one covers the narrow ones, under the wide name.

`day`, `month`, `year` and `date_interval` name parts of dates but are not here: a weekday or a season alone is no
`date`.
"""


def reported_as(policy: Policy, chosen: Collection[str]) -> Policy | None:
    """The widest chosen policy that `policy` is a kind of, itself included; None when none is chosen."""
    reported = policy if policy in chosen else None
    wider = WIDER.get(policy)
    while wider is not None:
        if wider in chosen:
            reported = wider
        wider = WIDER.get(wider)
    return reported


def narrower(policy: Policy) -> frozenset[Policy]:
    """The policies that are kinds of `policy`, at any depth, itself left out."""
    direct = [part for part, wide in WIDER.items() if wide is policy]
    return frozenset(direct).union(*(narrower(part) for part in direct))


def searched_for(chosen: Collection[Policy]) -> frozenset[Policy]:
    """What has to be looked for to find `chosen`: the policies, their kinds, and what they are kinds of."""
    searched = set(chosen).union(*(narrower(policy) for policy in chosen))
    for policy in chosen:
        wider = WIDER.get(policy)
        while wider is not None:
            searched.add(wider)
            wider = WIDER.get(wider)
    return frozenset(searched)


class Substitution(StrEnum):
    """How a redacted word is written: `####`, or `[POLICY_NAME]` once for each word."""

    HASH = "hash"
    ENTITY_NAME = "entity_name"


def parse_policies(text: str) -> frozenset[Policy]:
    """Read "phone_number,date", "all" (`DEFAULT_POLICIES`) or "everything".

    Raises OptionError, whose message names the policies, when none is chosen or one is unknown.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    allowed = f"{ALL} or {EVERYTHING}, or {', '.join(Policy)}"
    if not names:
        raise OptionError(f"policies: choose at least one of what is to be redacted: {allowed}")
    if unknown := [name for name in names if name not in {ALL, EVERYTHING, *Policy}]:
        raise OptionError(f"policies: there is no policy {unknown[0][:40]!a}; allowed: {allowed}")
    if EVERYTHING in names:
        return frozenset(Policy)
    single = frozenset(Policy(name) for name in names if name != ALL)
    return single | DEFAULT_POLICIES if ALL in names else single
