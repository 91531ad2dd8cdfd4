"""Makes entities: names, places, organisations, numbers and what the word lists hold."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
Maker = Callable[[random.Random], str]
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    "twenty first", "twenty second", "twenty third", "twenty fourth", "twenty fifth", "twenty sixth", "twenty seventh",
    "twenty eighth", "twenty ninth", "thirtieth", "thirty first",
)  # fmt: skip
ALPHABET = ["Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliet", "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu"]
LETTER_WORDS = ["apple", "boy", "cat", "dog", "Edward", "Frank", "George", "Henry", "igloo", "John", "king", "Larry", "Mary", "Nancy", "orange", "Peter", "queen", "Robert", "Sam", "Tom", "umbrella", "Victor", "whiskey", "x-ray", "yellow", "zebra"]


def read_list(name: str) -> tuple[str, ...]:
    """The entries of `lists/NAME.txt`, separated by commas or lines."""
    text = (HERE / "lists" / f"{name}.txt").read_text()
    return tuple(
        dict.fromkeys(entry.strip() for line in text.splitlines() for entry in line.split(",") if entry.strip())
    )


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


def share(entries: tuple[str, ...], held_out: bool) -> tuple[str, ...]:
    """A list without the entries that are kept for testing (every twelfth, by hash, never the first thirty), or only those."""
    kept = tuple(entry for index, entry in enumerate(entries) if index >= 30 and zlib.crc32(entry.encode()) % 12 == 0)
    if held_out and kept:
        return kept
    return tuple(entry for entry in entries if entry not in kept)


class Entities:
    """Makers of every kind, by name; `census` is the folder of the US Census name lists (first names and surnames).

    `held_out` makes them from the entries that training never sees.
    """

    def __init__(self, census: Path, held_out: bool = False) -> None:
        self.female = [name.strip().title() for name in (census / "first_female_us.txt").read_text().split()]
        self.male = [name.strip().title() for name in (census / "first_male_us.txt").read_text().split()]
        self.surnames = [name.strip().title() for name in (census / "surnames_us.txt").read_text().split()]
        self.lists = {
            path.stem: share(read_list(path.stem), held_out) for path in sorted((HERE / "lists").glob("*.txt"))
        }
        self.makers: dict[str, Maker] = {
            "person_name": self.person,
            "first": self.first,
            "surname": self.surname,
            "full": self.full,
            "spelled": self.spelled,
            "letters": lambda rng: spell(rng, rng.choice((self.first, self.surname))(rng)),
            "location": self.place,
            "address": self.address,
            "street": self.street,
            "city": self.city,
            "city_state": lambda rng: (
                f"{self._pick('cities', rng)}{rng.choice((', ', ' '))}{self._pick('us_states', rng)}"
            ),
            "state": lambda rng: self._pick("us_states", rng),
            "landmark": lambda rng: self._pick("places", rng),
            "postcode": self.postcode,
            "house": lambda rng: cardinal(rng, rng.randrange(1, 2000)),
            "organization": self.organization,
            "employer": self.organization,
            "school": self.school,
            "medical_condition": lambda rng: self._pick("diseases", rng),
            "drug": lambda rng: self._pick("drugs", rng),
            "medical_process": lambda rng: self._pick("procedures", rng),
            "injury": lambda rng: self._pick("injuries_np", rng),
            "injury_verb": self.injury,
            "occupation": self.occupation,
            "religion": lambda rng: self._pick("religions", rng),
            "faith": lambda rng: self._pick("faiths", rng),
            "political_affiliation": lambda rng: self._pick("politics", rng),
            "party": lambda rng: self._pick("parties", rng),
            "nationality": lambda rng: self._pick("nationalities", rng),
            "nationals": self.nationals,
            "language": lambda rng: self._pick("languages", rng),
            "event": lambda rng: self._pick("events", rng),
            "blood_type": self.blood,
            "date": self.date,
            "date_of_birth": self.birth,
            "person_age": lambda rng: cardinal(rng, rng.randrange(1, 99)),
            "money_amount": self.money,
            "email_address": self.email,
            "number_sequence": lambda rng: digits(rng, rng.randrange(3, 13)),
            "phone": lambda rng: digits(rng, rng.choice((7, 10, 10, 10, 11))),
            "digits4": lambda rng: digits(rng, 4),
            "card": lambda rng: digits(rng, 16),
            "small": lambda rng: cardinal(rng, rng.randrange(1, 13)),
            "role": lambda rng: self._pick("roles", rng),
            "product": lambda rng: self._pick("products", rng),
            "body": lambda rng: self._pick("body_parts", rng),
        }

    def _pick(self, name: str, rng: random.Random) -> str:
        return rng.choice(self.lists[name])

    def _ranked(self, names: list[str], rng: random.Random) -> str:
        """Frequent names more often, yet rare ones too."""
        return names[int(len(names) * rng.random() ** rng.choice((1.0, 3.0)))]

    def first(self, rng: random.Random) -> str:
        style = rng.random()
        if style < 0.18:
            return self._pick("intl_first_names", rng)
        return self._ranked(self.female if style < 0.6 else self.male, rng)

    def surname(self, rng: random.Random) -> str:
        if rng.random() < 0.25:
            return self._pick("intl_surnames", rng)
        name = self._ranked(self.surnames, rng)
        if name.startswith("Mc") and rng.random() < 0.7:
            name = "Mc" + name[2:].title()
        return name

    def full(self, rng: random.Random) -> str:
        style = rng.random()
        if style < 0.1:
            return f"{self.first(rng)} {rng.choice('ABCDEFGHJKLMNPRSTW')}{rng.choice(('', '.'))} {self.surname(rng)}"
        if style < 0.18:
            return f"{self.first(rng)} {self.first(rng)} {self.surname(rng)}"
        if style < 0.23:
            return f"{self.first(rng)} {self.surname(rng)}{rng.choice(('-', ' '))}{self.surname(rng)}"
        return f"{self.first(rng)} {self.surname(rng)}"

    def person(self, rng: random.Random) -> str:
        style = rng.random()
        return self.full(rng) if style < 0.55 else self.first(rng) if style < 0.85 else self.surname(rng)

    def spelled(self, rng: random.Random) -> str:
        name = rng.choice((self.first, self.surname))(rng)
        between = rng.choice((", ", ". ", " "))
        style = rng.random()
        if style < 0.4:
            return f"{name}{between}{spell(rng, name)}"
        if style < 0.7:
            other = self.surname(rng)
            return f"{name} {other}{between}{spell(rng, other)}"
        return spell(rng, name)

    def city(self, rng: random.Random) -> str:
        style = rng.random()
        if style < 0.12:
            return self._pick("street_names", rng) + rng.choice(
                (
                    " Springs",
                    " Falls",
                    " Creek",
                    "ville",
                    "ton",
                    " Heights",
                    " Park",
                    " Grove",
                    " Hills",
                    "field",
                    "burg",
                    " City",
                    " Beach",
                    " Valley",
                    "wood",
                    "dale",
                )
            )
        if style < 0.2:
            return rng.choice(
                ("Saint ", "Fort ", "Mount ", "Lake ", "Port ", "North ", "West ", "New ")
            ) + self.surname(rng)
        return self._pick("cities", rng)

    def place(self, rng: random.Random) -> str:
        style = rng.random()
        if style < 0.45:
            return self.city(rng)
        if style < 0.6:
            return self.makers["city_state"](rng)
        if style < 0.75:
            return self._pick("us_states", rng)
        return self._pick("countries" if style < 0.9 else "places", rng)

    def street(self, rng: random.Random) -> str:
        name = self._pick("street_names", rng) if rng.random() < 0.7 else self.surname(rng)
        side = rng.choice(("", "", "", "", "North ", "South ", "East ", "West ", "N ", "SW "))
        return f"{side}{name} {self._pick('street_types', rng)}"

    def postcode(self, rng: random.Random) -> str:
        if rng.random() < 0.15:
            letters = "ABCDEFGHJKLMNPRSTUWY"
            one = rng.choice(letters) + rng.choice(letters)
            return f"{one}{rng.randrange(1, 30)} {rng.randrange(1, 10)}{rng.choice(letters)}{rng.choice(letters)}"
        return digits(rng, 5)

    def house_number(self, rng: random.Random) -> str:
        number = rng.randrange(1, 100) if rng.random() < 0.3 else rng.randrange(100, 13000)
        if rng.random() < 0.5:
            return str(number)
        if number < 100:
            return in_words(number)
        if rng.random() < 0.5:
            return " ".join(DIGITS[int(figure)] if figure != "0" else "oh" for figure in str(number))
        rest = number % 100
        return f"{in_words(number // 100)} {in_words(rest)}" if rest >= 10 else in_words(number)

    def address(self, rng: random.Random) -> str:
        comma = rng.choice((", ", " ", ", "))
        text = f"{self.house_number(rng)} {self.street(rng)}"
        if rng.random() < 0.3:
            unit = rng.choice(("apartment", "apt", "unit", "suite", "number", "flat"))
            text += f"{comma}{unit} {rng.choice((cardinal(rng, rng.randrange(1, 400)), rng.choice('ABCDEF'), f'{rng.randrange(1, 40)}{rng.choice(chr(65) + chr(66) + chr(67))}'))}"
        if rng.random() < 0.65:
            text += f"{comma}{self.city(rng)}"
            if rng.random() < 0.7:
                text += f"{comma}{self._pick('us_states', rng)}"
            if rng.random() < 0.5:
                text += f"{comma}{self.postcode(rng)}"
        return text

    def organization(self, rng: random.Random) -> str:
        style = rng.random()
        if style < 0.35:
            return self._pick("companies", rng)
        tail = self._pick("org_tails", rng)
        if style < 0.75:
            return f"{self._pick('org_heads', rng)} {tail}"
        if style < 0.85:
            return f"{self.surname(rng)} {tail}"
        if style < 0.9:
            return f"{self.surname(rng)} and {self.surname(rng)}"
        if style < 0.95:
            return f"{self._pick('cities', rng)} {tail}"
        return f"{self.first(rng)}'s {tail}"

    def school(self, rng: random.Random) -> str:
        style = rng.random()
        if style < 0.3:
            return f"University of {self._pick('us_states', rng)}"
        head = rng.choice(
            (
                self.surname,
                lambda one: self._pick("org_heads", one),
                lambda one: self._pick("cities", one),
                lambda one: self._pick("us_states", one),
            )
        )(rng)
        return f"{head} {rng.choice(('State', 'State University', 'University', 'College', 'Community College', 'High School', 'High', 'Elementary', 'Middle School', 'Academy', 'Tech', 'Law School', 'Medical School', 'Prep'))}"

    def occupation(self, rng: random.Random) -> str:
        name = self._pick("occupations", rng)
        if rng.random() < 0.12:
            name = (
                rng.choice(
                    (
                        "retired ",
                        "freelance ",
                        "part time ",
                        "licensed ",
                        "certified ",
                        "senior ",
                        "assistant ",
                        "head ",
                        "junior ",
                        "apprentice ",
                    )
                )
                + name
            )
        return name

    def injury(self, rng: random.Random) -> str:
        verb = rng.choice(
            (
                "broke",
                "fractured",
                "sprained",
                "twisted",
                "dislocated",
                "tore",
                "cut",
                "burned",
                "injured",
                "hurt",
                "bruised",
                "strained",
                "pulled",
                "crushed",
                "jammed",
                "rolled",
                "smashed",
                "shattered",
                "cracked",
                "busted",
                "wrenched",
                "hyperextended",
                "popped",
                "ruptured",
                "gashed",
                "sliced",
                "scraped",
                "banged up",
            )
        )
        return f"{verb} {rng.choice(('my', 'my', 'my', 'his', 'her', 'their', 'a', 'the'))} {self._pick('body_parts', rng)}"

    def nationals(self, rng: random.Random) -> str:
        name = self._pick("nationalities", rng)
        return (
            name
            if name.endswith(("ese", "ish", "s", "ch", "sh")) or name in ("Swiss", "Black", "Hmong")
            else f"{name}s"
        )

    def blood(self, rng: random.Random) -> str:
        group = rng.choice(("A", "B", "AB", "O"))
        sign = rng.choice(("positive", "negative", "positive", "negative", "pos", "neg", "plus", "minus"))
        style = rng.random()
        if style < 0.1:
            return f"{group}{'+' if sign[0] == 'p' else '-'}"
        if style < 0.2:
            return f"type {group}"
        return f"type {group} {sign}" if style < 0.3 else f"{group} {sign}" if style < 0.85 else f"{group} Rh {sign}"

    def date(self, rng: random.Random) -> str:
        month, day, year = rng.choice(MONTHS), rng.randrange(1, 32), rng.randrange(2015, 2032)
        ordinal = (
            ORDINALS[day - 1]
            if rng.random() < 0.7
            else f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
        )
        said_year = rng.choice((str(year), f"twenty {in_words(year - 2000)}", f"two thousand {in_words(year - 2000)}"))
        return rng.choice(
            (
                f"{month} {ordinal}", f"{month} {ordinal}", f"the {ordinal} of {month}", f"the {ordinal}", f"{month} {day}", f"{month} {said_year}",
                f"{month} {ordinal}, {said_year}", f"{rng.randrange(1, 13)}/{day}/{year}", f"{day} {month} {year}", f"{month} the {ordinal}",
            )
        )  # fmt: skip

    def birth(self, rng: random.Random) -> str:
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
                f"{month} {ordinal}, {said_year}", f"{month} {ordinal} {said_year}", f"{month} the {ordinal} {said_year}", f"the {ordinal} of {month} {said_year}",
                f"{number}/{day}/{year}", f"{in_words(number)} {in_words(day)} {said_year}", f"{number} {day} {short:02d}", f"{month} {ordinal}", f"{number:02d} {day:02d} {year}",
                f"{month} {said_year}",
            )
        )  # fmt: skip

    def money(self, rng: random.Random) -> str:
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

    def email(self, rng: random.Random) -> str:
        user = rng.choice(
            (
                f"{self.first(rng)}{rng.choice(('.', ' dot ', '', '_', ' underscore '))}{self.surname(rng)}",
                f"{self.first(rng)}{rng.randrange(1, 100)}",
                f"{self.surname(rng)} {cardinal(rng, rng.randrange(1, 100))}",
                f"{self._pick('org_heads', rng)} {self._pick('street_names', rng)}",
            )
        ).lower()
        host = rng.choice(
            (
                "gmail",
                "yahoo",
                "hotmail",
                "outlook",
                "aol",
                "icloud",
                "comcast",
                "protonmail",
                "verizon",
                "me",
                self._pick("org_heads", rng).lower().replace(" ", ""),
            )
        )
        end = rng.choice(("com", "com", "com", "net", "org", "edu", "co dot uk"))
        if rng.random() < 0.3:
            return f"{user.replace(' dot ', '.').replace(' underscore ', '_').replace(' ', '')}@{host}.{end.replace(' dot ', '.')}"
        return f"{user.replace('.', ' dot ')} at {host} dot {end}"
