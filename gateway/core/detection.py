"""The port through which the session asks what is personal information, and the words of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the speaker, as written by the recogniser or found in a text, punctuation attached.

    `pause_ms`: the silence before it (0 when unknown). `confidence`: the recogniser's, 0..1. `sounds`: the numbers and
    spelled letters it sounds like, whatever was written (see `gateway.core.hypothesis.Word`).
    """

    text: str
    pause_ms: int = 0
    confidence: float = 1.0
    sounds: str = ""


@dataclass(frozen=True, slots=True)
class OtherTurn:
    """Something the other party said, before the speaker's token number `before` (0 = before everything)."""

    before: int
    text: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one speaker said lately, with what the other party said in between.

    `others` is in order of `before`. `complete` is False while the speaker may still go on: then the last token may be
    the beginning of something longer. `silence_ms`: how long the speaker has been silent since the last token.
    `decided`: so many tokens at the start are decided for good; findings there change nothing any more.
    """

    tokens: tuple[Token, ...]
    others: tuple[OtherTurn, ...] = ()
    complete: bool = True
    silence_ms: int = 0
    decided: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal information in `tokens[first:end]`.

    `start_char` / `end_char` cut within the first / last token where punctuation or a part of the token is not
    meant ("10-year-old": only "10"); `end_char` is an offset into `tokens[end - 1].text`. `policy` is the name of a
    `Policy` or a label of the user's. `confidence`: the probability that it is right, 0..1. `rule` names what found it.
    """

    policy: str
    first: int
    end: int
    start_char: int
    end_char: int
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class OpenCandidate:
    """From token `first` on, what was said may still become a finding, or part of a longer one, when more is heard.

    `confidence`: the probability that it does, given what has been heard. `rule` names what holds it open, `policy`
    what it may become, None where that is not known yet.
    """

    first: int
    confidence: float = 1.0
    rule: str = ""
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """Findings in order of `first` (they may overlap when policies do), and open candidates.

    Candidates are only ever open while the utterance is not complete.
    """

    findings: tuple[Finding, ...] = ()
    candidates: tuple[OpenCandidate, ...] = ()

    def open_from(self, above: float = 0.0) -> int | None:
        """The first token of a candidate at least so probable; None when nothing is open."""
        return min((one.first for one in self.candidates if one.confidence >= above), default=None)


class Detector(Protocol):
    """Finds personal information in what was said. Stateless and deterministic: the same utterance, the same answer."""

    def detect(self, utterance: Utterance) -> Detection:
        """Look at the whole utterance anew. Never raises for any text."""
        ...


@runtime_checkable
class SharingDetector(Detector, Protocol):
    """A detector that looks at several utterances at less cost than at one after another."""

    def expect(self, utterance: Utterance) -> None:
        """Tell that `detect` is asked about this utterance next, or after others that are told; changes no answer."""
        ...
