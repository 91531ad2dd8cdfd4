"""Checksums and formats of numbers.

Sources: ISO/IEC 7812-1 (Luhn), ABA Key to Routing Numbers, ISO 13616 (IBAN), Social Security Administration
(numbers never issued).
"""

from __future__ import annotations


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return len(digits) > 1 and total % 10 == 0


def aba_valid(digits: str) -> bool:
    """Whether nine digits are a US bank routing number."""
    if len(digits) != 9 or not (0 <= int(digits[:2]) <= 12 or 21 <= int(digits[:2]) <= 32):
        return False
    weights = (3, 7, 1) * 3
    return sum(weight * int(char) for weight, char in zip(weights, digits, strict=True)) % 10 == 0


def ssn_possible(digits: str) -> bool:
    """Whether nine digits may be an issued social security number: no 000, 666, 9xx; no 00; no 0000."""
    if len(digits) != 9:
        return False
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def iban_valid(text: str) -> bool:
    """Whether letters and digits (lower case, no spaces) are an IBAN: two letters, two check digits, remainder 1."""
    if not (
        15 <= len(text) <= 34 and text[:2].isalpha() and text[2:4].isdecimal() and text.isascii() and text.isalnum()
    ):
        return False
    rearranged = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in rearranged)) % 97 == 1


_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = dict(zip("abcdefghjklmnprstuvwxyz", "12345678123457923456789", strict=True))


def vin_valid(text: str) -> bool:
    """Whether 17 letters and digits (lower case) are a vehicle identification number with its check digit."""
    if len(text) != 17 or text.isdecimal() or any(char not in _VIN_VALUES and not char.isdecimal() for char in text):
        return False
    if not text.isascii():
        return False
    values = (int(_VIN_VALUES.get(char, char)) for char in text)
    rest = sum(weight * value for weight, value in zip(_VIN_WEIGHTS, values, strict=True)) % 11
    return text[8] == ("x" if rest == 10 else str(rest))


def expiry_possible(digits: str) -> bool:
    """Whether digits can be month and year of a card: "0928", "928", "092028", "0128"."""
    for month_length in (2, 1):
        month, year = digits[:month_length], digits[month_length:]
        if month and 1 <= int(month) <= 12 and (len(year) == 2 or (len(year) == 4 and year.startswith("20"))):
            return True
    return False


def birth_possible(digits: str) -> bool:
    """Whether digits can be month, day and year (either order) without separators."""
    for first in (1, 2):
        for second in (1, 2):
            month, day, year = digits[:first], digits[first : first + second], digits[first + second :]
            if not month or not day or len(year) not in (2, 4):
                continue
            low, high = sorted((int(month), int(day)))
            if 1 <= low <= 12 and high <= 31 and (len(year) == 2 or year[:2] in ("18", "19", "20")):
                return True
    return False
