"""Checksums and formats of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pii.rules.checksums import (
    aba_valid,
    birth_possible,
    expiry_possible,
    iban_valid,
    luhn_valid,
    ssn_possible,
)

DIGITS = st.text("0123456789", min_size=12, max_size=18)


@given(DIGITS)
def test_exactly_one_luhn_digit_fits(digits: str) -> None:
    assert sum(luhn_valid(digits + str(check)) for check in range(10)) == 1


@given(st.integers(1, 12), st.text("0123456789", min_size=6, max_size=6))
def test_exactly_one_aba_digit_fits(district: int, digits: str) -> None:
    assert sum(aba_valid(f"{district:02}{digits}{check}") for check in range(10)) == 1


@given(st.text("0123456789", min_size=11, max_size=20))
def test_exactly_one_iban_check_fits(account: str) -> None:
    assert sum(iban_valid(f"gb{check:02}{account}") for check in range(2, 99)) == 1


@pytest.mark.parametrize("digits", ["000123456", "666123456", "912345678", "123006789", "123450000", "12345678"])
def test_numbers_never_issued(digits: str) -> None:
    assert not ssn_possible(digits)


def test_an_issued_number_is_possible() -> None:
    assert ssn_possible("219099999")


@pytest.mark.parametrize(
    ("digits", "possible"), [("0928", True), ("928", True), ("092028", True), ("1328", False), ("", False)]
)
def test_expirations(digits: str, possible: bool) -> None:
    assert expiry_possible(digits) is possible


@pytest.mark.parametrize(
    ("digits", "possible"),
    [("4764", True), ("050971", True), ("05091971", True), ("31121999", True), ("99991999", False)],
)
def test_births(digits: str, possible: bool) -> None:
    assert birth_possible(digits) is possible
