"""The names of what can be redacted, and of how it is shown and masked: AssemblyAI's words."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from gateway.errors import OptionError

ALL: Final = "all"
"""Stands for every policy."""


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


class Substitution(StrEnum):
    """How a redacted word is written: `####`, or `[POLICY_NAME]` once for each word."""

    HASH = "hash"
    ENTITY_NAME = "entity_name"


def parse_policies(text: str) -> frozenset[Policy]:
    """Read "phone_number,date" or "all".

    Raises OptionError, whose message names the policies, when none is chosen or one is unknown.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    allowed = f"{ALL} or {', '.join(Policy)}"
    if not names:
        raise OptionError(f"policies: choose at least one of what is to be redacted: {allowed}")
    if unknown := [name for name in names if name not in {ALL, *Policy}]:
        raise OptionError(f"policies: there is no policy {unknown[0][:40]!a}; allowed: {allowed}")
    return frozenset(Policy) if ALL in names else frozenset(map(Policy, names))
