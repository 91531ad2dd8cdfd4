"""When a listed word says what somebody is: a job, a sign, a gender, single or married."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import words
from gateway.pii.phrases import Match, plain
from gateway.pii.rules.reading import Reading
from gateway.pii.rules.wording import RELATIVES, asked, closes, describes, within

_ASK_JOB: Final = words("occupation profession living work job employed do career title position trade")
_SIGN: Final = words("sign signs zodiac horoscope astrology rising moon sun born")
_STATE_AFTER: Final = words(
    "person people man woman men women mother mom father dad parent couple partner marriage with from for to and but "
    "filing household in since at on"
)
_WHOM: Final = words("man woman guy male female couple person")
_ASK_STATE: Final = words("marital status married single gender sex orientation identify relationship pronouns")
_JOB_AFTER: Final = words("by for at in with from and but who since now here on that working myself himself herself")
_NOT_A_JOB_AFTER: Final = words(
    "shop store office school station report appointment fee fees bill bills service services department number card "
    "account license licence badge visit visits note notes position training union degree section room"
)


def occupation(reading: Reading, match: Match) -> float:
    """A job of somebody who is described; a job that is hardly anything else also without."""
    first, end = match.first, match.end
    after = plain(reading.word(end))
    before = reading.word(first - 1)
    if after in _NOT_A_JOB_AFTER and not reading.ends_phrase(end):
        return 0.0
    if describes(reading, first) and before not in ("the", "this", "that"):
        plural = reading.word(end - 1).endswith("s") and match.term.words[-1] == reading.word(end - 1)
        article = before in ("a", "an", "as") or reading.word(first - 2) in ("a", "an")
        return 0.9 if article or match.term.sure or plural else 0.0
    if before in ("retired", "former", "freelance", "licensed"):
        return 0.85
    if asked(reading, first, _ASK_JOB) and closes(reading, end) and first - _turn_start(reading, first) <= 6:
        return 0.85
    if (reading.word(first - 2) in RELATIVES or plain(reading.word(first - 2)) in RELATIVES) and before in ("the", "a"):
        return 0.8
    if after == "by" and reading.word(end + 1) == "trade":
        return 0.9
    if match.term.sure:
        return 0.6 if before not in ("the", "your") else 0.5
    return 0.0


def _turn_start(reading: Reading, place: int) -> int:
    return max((start for start in reading.dialog.turn_starts if start <= place), default=0)


def zodiac(reading: Reading, match: Match) -> float:
    """A sign of the zodiac; "cancer", "leo" and "taurus" need talk of signs."""
    talk = within(reading, match.first, 8, _SIGN) or reading.word(match.end) in _SIGN
    if talk or asked(reading, match.first, _SIGN):
        return 0.9
    if match.term.sure:
        return 0.8
    return 0.6 if match.term.words != ["cancer"] and reading.word(match.first - 1) == "a" and (
        describes(reading, match.first) and closes(reading, match.end)
    ) else 0.0  # fmt: skip


def state(reading: Reading, match: Match) -> float:
    """Marital status, gender or sexuality. "Single", "engaged", "straight", "trans" are ordinary words too."""
    if match.term.sure:
        return 0.8
    after = reading.word(match.end)
    if match.term.policy is Policy.SEXUALITY and not (closes(reading, match.end) or after in _WHOM):
        return 0.0
    if asked(reading, match.first, _ASK_STATE) and closes(reading, match.end):
        return 0.8
    told = describes(reading, match.first)
    return 0.75 if told and (closes(reading, match.end) or after in _STATE_AFTER) else 0.0
