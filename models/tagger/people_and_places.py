"""Names of people and places."""

from __future__ import annotations

import random
from pathlib import Path

from models.tagger.numbers_said import DIGITS, cardinal, digits, in_words, spell
from models.tagger.wordlists import HERE, read_list, read_parts, share

PLACE_FORMS = read_parts("place_forms")


class Names:
    """Makes names of people; `census` is the folder of the US Census name lists (first names and surnames).

    `held_out` draws from the entries of the word lists that training never sees.
    """

    def __init__(self, census: Path, held_out: bool = False) -> None:
        self.female = [name.strip().title() for name in (census / "first_female_us.txt").read_text().split()]
        self.male = [name.strip().title() for name in (census / "first_male_us.txt").read_text().split()]
        self.surnames = [name.strip().title() for name in (census / "surnames_us.txt").read_text().split()]
        self.lists = {
            path.stem: share(read_list(path.stem), held_out) for path in sorted((HERE / "lists").glob("*.txt"))
        }

    def _pick(self, name: str, rng: random.Random) -> str:
        return rng.choice(self.lists[name])

    def _ranked(self, names: list[str], rng: random.Random) -> str:
        """Frequent names more often, yet rare ones too."""
        return names[int(len(names) * rng.random() ** rng.choice((1.0, 3.0)))]

    def first(self, rng: random.Random) -> str:
        """A first name."""
        style = rng.random()
        if style < 0.18:
            return self._pick("intl_first_names", rng)
        return self._ranked(self.female if style < 0.6 else self.male, rng)

    def surname(self, rng: random.Random) -> str:
        """A surname."""
        if rng.random() < 0.25:
            return self._pick("intl_surnames", rng)
        name = self._ranked(self.surnames, rng)
        if name.startswith("Mc") and rng.random() < 0.7:
            name = "Mc" + name[2:].title()
        return name

    def full(self, rng: random.Random) -> str:
        """A first name and a surname, perhaps with an initial."""
        style = rng.random()
        if style < 0.1:
            return f"{self.first(rng)} {rng.choice('ABCDEFGHJKLMNPRSTW')}{rng.choice(('', '.'))} {self.surname(rng)}"
        if style < 0.18:
            return f"{self.first(rng)} {self.first(rng)} {self.surname(rng)}"
        if style < 0.23:
            return f"{self.first(rng)} {self.surname(rng)}{rng.choice(('-', ' '))}{self.surname(rng)}"
        return f"{self.first(rng)} {self.surname(rng)}"

    def person(self, rng: random.Random) -> str:
        """A name, whole or in part."""
        style = rng.random()
        return self.full(rng) if style < 0.55 else self.first(rng) if style < 0.85 else self.surname(rng)

    def spelled(self, rng: random.Random) -> str:
        """A name and its letters."""
        name = rng.choice((self.first, self.surname))(rng)
        between = rng.choice((", ", ". ", " "))
        style = rng.random()
        if style < 0.4:
            return f"{name}{between}{spell(rng, name)}"
        if style < 0.7:
            other = self.surname(rng)
            return f"{name} {other}{between}{spell(rng, other)}"
        return spell(rng, name)


class Places(Names):
    """Makes places and addresses too."""

    def city(self, rng: random.Random) -> str:
        """A city, or a name that could be one."""
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

    def city_state(self, rng: random.Random) -> str:
        """A city and a state of the lists."""
        return f"{self._pick('cities', rng)}{rng.choice((', ', ' '))}{self._pick('us_states', rng)}"

    def place(self, rng: random.Random) -> str:
        """A city, state, country or landmark."""
        style = rng.random()
        if style < 0.45:
            return self.city(rng)
        if style < 0.6:
            return self.city_state(rng)
        if style < 0.75:
            return self._pick("us_states", rng)
        if style < 0.87:
            return self._pick("countries", rng)
        if style < 0.92:
            return self._pick("places", rng)
        name = rng.choice((self.surname, self.city, lambda one: self._pick("street_names", one)))(rng)
        form = rng.choice(PLACE_FORMS)
        return form.format(name)

    def street(self, rng: random.Random) -> str:
        """A street, without number."""
        name = self._pick("street_names", rng) if rng.random() < 0.7 else self.surname(rng)
        side = rng.choice(("", "", "", "", "North ", "South ", "East ", "West ", "N ", "SW "))
        return f"{side}{name} {self._pick('street_types', rng)}"

    def postcode(self, rng: random.Random) -> str:
        """A zip code or postcode."""
        if rng.random() < 0.15:
            letters = "ABCDEFGHJKLMNPRSTUWY"
            one = rng.choice(letters) + rng.choice(letters)
            return f"{one}{rng.randrange(1, 30)} {rng.randrange(1, 10)}{rng.choice(letters)}{rng.choice(letters)}"
        return digits(rng, 5)

    def house_number(self, rng: random.Random) -> str:
        """The number of a house."""
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
        """A street address, perhaps up to the postcode."""
        comma = rng.choice((", ", " ", ", "))
        text = f"{self.house_number(rng)} {self.street(rng)}"
        if rng.random() < 0.3:
            unit = rng.choice(("apartment", "apt", "unit", "suite", "number", "flat"))
            doors = (
                cardinal(rng, rng.randrange(1, 400)),
                rng.choice("ABCDEF"),
                f"{rng.randrange(1, 40)}{rng.choice('ABC')}",
            )
            text += f"{comma}{unit} {rng.choice(doors)}"
        if rng.random() < 0.65:
            text += f"{comma}{self.city(rng)}"
            if rng.random() < 0.7:
                text += f"{comma}{self._pick('us_states', rng)}"
            if rng.random() < 0.5:
                text += f"{comma}{self.postcode(rng)}"
        return text
