"""Makes entities of every label, from word lists, parts and patterns."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from models.tagger.numbers_said import birth, blood, cardinal, date, digits, money, spell
from models.tagger.people_and_places import Places
from models.tagger.wordlists import read_companies, read_parts, share

Maker = Callable[[random.Random], str]
DEGREES = read_parts("degrees")
DISORDERS = read_parts("disorders")
TREATMENTS = read_parts("treatments")
STEMS = read_parts("stems")
ENDS = read_parts("ends")
INJURY_VERBS = read_parts("injury_verbs")
SCHOOL_FORMS = read_parts("school_forms")


class Entities(Places):
    """Makers of every kind, by name."""

    def __init__(self, census: Path, held_out: bool = False) -> None:
        super().__init__(census, held_out)
        self.listed = share(read_companies(census / "companies_sample.csv"), held_out)
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
            "city_state": self.city_state,
            "state": lambda rng: self._pick("us_states", rng),
            "landmark": lambda rng: self._pick("places", rng),
            "postcode": self.postcode,
            "house": lambda rng: cardinal(rng, rng.randrange(1, 2000)),
            "organization": self.organization,
            "employer": self.organization,
            "school": self.school,
            "medical_condition": self.condition,
            "drug": lambda rng: self._pick("drugs", rng),
            "medical_process": self.procedure,
            "injury": lambda rng: self._pick("injuries_np", rng),
            "injury_verb": self.injury,
            "occupation": self.occupation,
            "religion": lambda rng: self._pick("religions", rng),
            "believers": self.believers,
            "faith": lambda rng: self._pick("faiths", rng),
            "political_affiliation": lambda rng: self._pick("politics", rng),
            "party": lambda rng: self._pick("parties", rng),
            "nationality": lambda rng: self._pick("nationalities", rng),
            "nationals": self.nationals,
            "language": lambda rng: self._pick("languages", rng),
            "event": lambda rng: self._pick("events", rng),
            "blood_type": blood,
            "date": date,
            "date_of_birth": birth,
            "person_age": lambda rng: cardinal(rng, rng.randrange(1, 99)),
            "money_amount": money,
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

    def condition(self, rng: random.Random) -> str:
        """A disease of the list, one with a degree, or one of an organ."""
        style = rng.random()
        if style < 0.05:
            kind = rng.choice(
                ("type one", "type two", "type 1", "type 2", "type one", "type two", "juvenile", "gestational")
            )
            return f"{kind} {rng.choice(('diabetes', 'diabetes', 'diabetes', 'diabetic', 'bipolar disorder'))}"
        if style < 0.1:
            stage = rng.choice(("one", "two", "three", "four", "1", "2", "3", "4"))
            return f"stage {stage} {self._pick('diseases', rng)}"
        if style < 0.2:
            return f"{rng.choice(DEGREES)} {self._pick('diseases', rng)}"
        if style < 0.3:
            return f"{self._pick('organs', rng)} {rng.choice(DISORDERS)}"
        return self._pick("diseases", rng)

    def procedure(self, rng: random.Random) -> str:
        """A treatment of the list, or one of an organ."""
        if rng.random() < 0.2:
            return f"{self._pick('organs', rng)} {rng.choice(TREATMENTS)}"
        return self._pick("procedures", rng)

    def organization(self, rng: random.Random) -> str:
        """Well-known ones, listed ones, and made-up ones of many patterns."""
        style = rng.random()
        if style < 0.28:
            return self._pick("companies", rng)
        if style < 0.4:
            return rng.choice(self.listed)
        tail = self._pick("org_tails", rng)
        if style < 0.62:
            return f"{self._pick('org_heads', rng)} {tail}"
        if style < 0.72:
            return f"{self._pick('org_words', rng)} {tail}"
        if style < 0.8:
            return f"{self.surname(rng)} {tail}"
        if style < 0.84:
            return f"{self.surname(rng)} and {self.surname(rng)}"
        if style < 0.89:
            return f"{self.city(rng)} {tail}"
        if style < 0.92:
            return f"{self._pick('us_states', rng)} {tail}"
        if style < 0.95:
            return (rng.choice(STEMS) + rng.choice(ENDS)).capitalize()
        return f"{rng.choice((self.first, self.surname))(rng)}'s{rng.choice(('', f' {tail}', f' {tail}'))}"

    def school(self, rng: random.Random) -> str:
        """A school or university."""
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
        return f"{head} {rng.choice(SCHOOL_FORMS)}"

    def occupation(self, rng: random.Random) -> str:
        """A job."""
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
        """What somebody did to a part of the body: broke my arm."""
        verb = rng.choice(INJURY_VERBS)
        whose = rng.choice(("my", "my", "my", "his", "her", "their", "a", "the"))
        return f"{verb} {whose} {self._pick('body_parts', rng)}"

    def nationals(self, rng: random.Random) -> str:
        """People of a nationality: Canadians."""
        name = self._pick("nationalities", rng)
        return (
            name
            if name.endswith(("ese", "ish", "s", "ch", "sh")) or name in ("Swiss", "Black", "Hmong")
            else f"{name}s"
        )

    def believers(self, rng: random.Random) -> str:
        """A faith's people: Muslims, Baptists, Jews."""
        name = self._pick("religions", rng)
        if name.endswith("Jewish"):
            return name.removesuffix("ish").replace("Jew", "Jews")
        return name if name.endswith(("s", "x", "c", "ish")) else f"{name}s"

    def email(self, rng: random.Random) -> str:
        """An e-mail address, written or spoken."""
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
            user = user.replace(" dot ", ".").replace(" underscore ", "_").replace(" ", "")
            return f"{user}@{host}.{end.replace(' dot ', '.')}"
        return f"{user.replace('.', ' dot ')} at {host} dot {end}"
