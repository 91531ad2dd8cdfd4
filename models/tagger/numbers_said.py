"""Numbers, dates, amounts and letters as people say them and recognisers write them."""

from __future__ import annotations

import random

from models.tagger.wordlists import read_parts

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "twenty first", "twenty second", "twenty third", "twenty fourth", "twenty fifth", "twenty sixth",
    "twenty seventh", "twenty eighth", "twenty ninth", "thirtieth", "thirty first",
)  # fmt: skip
ALPHABET = read_parts("alphabet")
LETTER_WORDS = read_parts("letter_words")


def in_words(number: int) -> str:
    """A number below a million in English words."""
    if number < 10:
        return DIGITS[number]
    if number < 20:
        return TEENS[number - 10]
    if number < 100:
        return TENS[number // 10] + (f" {DIGITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{DIGITS[number // 100]} hundred" + (f" {in_words(number % 100)}" if number % 100 else "")
    return f"{in_words(number // 1000)} thousand" + (f" {in_words(number % 1000)}" if number % 1000 else "")


def digits(rng: random.Random, count: int) -> str:
    """`count` digits as figures, grouped figures or words."""
    figures = "".join(rng.choice("0123456789") for _ in range(count))
    style = rng.random()
    if style < 0.25:
        return figures
    if style < 0.45:
        size = rng.choice((2, 3, 4))
        return rng.choice((" ", "-", ", ")).join(figures[at : at + size] for at in range(0, count, size))
    zero = rng.choice(("zero", "oh"))
    said = [zero if figure == "0" else DIGITS[int(figure)] for figure in figures]
    if style < 0.55 and count >= 4:
        pairs = [figures[at : at + 2] for at in range(0, count, 2)]
        said = [in_words(int(pair)) if pair[0] != "0" else f"{zero} {DIGITS[int(pair[-1])]}" for pair in pairs]
    if style > 0.85:
        return "".join(
            word + (", " if index % 3 == 2 and index + 1 < len(said) else " ") for index, word in enumerate(said)
        ).strip()
    return " ".join(said)


def cardinal(rng: random.Random, number: int) -> str:
    """A number as figures or words."""
    return str(number) if rng.random() < 0.45 else in_words(number)


def spell(rng: random.Random, name: str) -> str:
    """The letters of a name as people say and recognisers write them."""
    letters = [letter.upper() for letter in name if letter.isalpha()]
    style = rng.random()
    if style < 0.45:
        return " ".join(letters)
    if style < 0.65:
        return "-".join(letters)
    if style < 0.75:
        return " ".join(f"{letter}." for letter in letters)
    if style < 0.85:
        return ", ".join(letters)
    which = rng.choice((ALPHABET, LETTER_WORDS))
    said = []
    for letter in letters:
        word = which[ord(letter) - 65] if "A" <= letter <= "Z" else letter
        said.append(
            f"{letter} as in {word}"
            if rng.random() < 0.5
            else f"{letter} {rng.choice(('for', 'like'))} {word}"
            if rng.random() < 0.3
            else letter
        )
    return " ".join(said)


def blood(rng: random.Random) -> str:
    """A blood type: O positive, type A, AB-."""
    group = rng.choice(("A", "B", "AB", "O"))
    sign = rng.choice(("positive", "negative", "positive", "negative", "pos", "neg", "plus", "minus"))
    style = rng.random()
    if style < 0.1:
        return f"{group}{'+' if sign[0] == 'p' else '-'}"
    if style < 0.2:
        return f"type {group}"
    return f"type {group} {sign}" if style < 0.3 else f"{group} {sign}" if style < 0.85 else f"{group} Rh {sign}"


def date(rng: random.Random) -> str:
    """A calendar date."""
    month, day, year = rng.choice(MONTHS), rng.randrange(1, 32), rng.randrange(2015, 2032)
    ordinal = (
        ORDINALS[day - 1]
        if rng.random() < 0.7
        else f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
    )
    said_year = rng.choice((str(year), f"twenty {in_words(year - 2000)}", f"two thousand {in_words(year - 2000)}"))
    return rng.choice(
        (
            f"{month} {ordinal}", f"{month} {ordinal}", f"the {ordinal} of {month}", f"the {ordinal}",
            f"{month} {day}", f"{month} {said_year}",
            f"{month} {ordinal}, {said_year}", f"{rng.randrange(1, 13)}/{day}/{year}", f"{day} {month} {year}",
            f"{month} the {ordinal}",
        )
    )  # fmt: skip


def birth(rng: random.Random) -> str:
    """A date of birth."""
    month, day, year = rng.choice(MONTHS), rng.randrange(1, 32), rng.randrange(1925, 2022)
    ordinal = rng.choice((ORDINALS[day - 1], str(day), in_words(day)))
    short = year % 100
    said_year = rng.choice(
        (
            str(year),
            f"{in_words(year // 100)} {in_words(short) if short > 9 else 'oh ' + DIGITS[short]}",
            f"{short:02d}",
            in_words(short) if short else "two thousand",
        )
    )
    number = MONTHS.index(month) + 1
    return rng.choice(
        (
            f"{month} {ordinal}, {said_year}", f"{month} {ordinal} {said_year}", f"{month} the {ordinal} {said_year}",
            f"the {ordinal} of {month} {said_year}",
            f"{number}/{day}/{year}", f"{in_words(number)} {in_words(day)} {said_year}", f"{number} {day} {short:02d}",
            f"{month} {ordinal}", f"{number:02d} {day:02d} {year}", f"{month} {said_year}",
        )
    )  # fmt: skip


def money(rng: random.Random) -> str:
    """An amount of money."""
    whole = rng.choice((rng.randrange(1, 100), rng.randrange(100, 1000), rng.randrange(1, 200) * 100))
    cents = rng.randrange(0, 100)
    style = rng.random()
    if style < 0.25:
        return f"${whole:,}" + (f".{cents:02d}" if rng.random() < 0.5 else "")
    unit = rng.choice(("dollars", "dollars", "dollars", "bucks", "pounds", "euros"))
    amount = cardinal(rng, whole)
    if style < 0.5:
        return f"{amount} {unit} and {cardinal(rng, cents)} {'pence' if unit == 'pounds' else 'cents'}"
    return (
        f"{amount} {unit}"
        if style < 0.85
        else f"{in_words(rng.randrange(2, 10))} {rng.choice(('hundred', 'thousand', 'million', 'grand'))} {unit}"
    )
