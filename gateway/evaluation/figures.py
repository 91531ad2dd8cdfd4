"""The figures of redacted audio, and how those of several clips add up. Milliseconds are of active frames."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.core.policy import Policy
from gateway.evaluation.localisation import Localisation


def share(part: float, whole: float) -> float | None:
    """Part of the whole, 0..1; None when there is nothing to share."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class CoveredSpan:
    """A redaction as it was reported, in milliseconds. `policy` is None for what was undecided at its deadline."""

    leg: int
    start_ms: int
    end_ms: int
    policy: str | None

    @property
    def late(self) -> bool:
        """Whether it was covered because it was undecided."""
        return self.policy is None


@dataclass(slots=True)
class Coverage:
    """How much of some labelled speech was covered. Milliseconds are of active frames.

    `numbers_silent`: numbers of which no digit can be heard.
    """

    speech_ms: int = 0
    covered_ms: int = 0
    digit_ms: int = 0
    digit_covered_ms: int = 0
    digits: int = 0
    digits_covered: int = 0
    entities: int = 0
    entities_covered: int = 0
    numbers: int = 0
    numbers_silent: int = 0

    @property
    def covered_share(self) -> float | None:
        """Covered share of the time, 0..1."""
        return share(self.covered_ms, self.speech_ms)

    @property
    def digit_covered_share(self) -> float | None:
        """Covered share of the digits' time, 0..1."""
        return share(self.digit_covered_ms, self.digit_ms)

    @property
    def leaked_ms(self) -> int:
        """What could still be heard."""
        return self.speech_ms - self.covered_ms

    @property
    def digits_leaked(self) -> int:
        """How many digits could still be heard."""
        return self.digits - self.digits_covered

    def add(self, other: Coverage) -> None:
        """Count `other` in."""
        self.speech_ms += other.speech_ms
        self.covered_ms += other.covered_ms
        self.digit_ms += other.digit_ms
        self.digit_covered_ms += other.digit_covered_ms
        self.digits += other.digits
        self.digits_covered += other.digits_covered
        self.entities += other.entities
        self.entities_covered += other.entities_covered
        self.numbers += other.numbers
        self.numbers_silent += other.numbers_silent


@dataclass(slots=True)
class OtherSpeech:
    """How much speech that nobody labelled was covered: in all, near labelled words, and by lateness.

    `by_policy`: the covered time inside redactions of each policy; what several cover counts for each of them.
    """

    speech_ms: int = 0
    covered_ms: int = 0
    near_ms: int = 0
    late_ms: int = 0
    by_policy: dict[str, int] = field(default_factory=dict)

    def add(self, other: OtherSpeech) -> None:
        """Count `other` in."""
        self.speech_ms += other.speech_ms
        self.covered_ms += other.covered_ms
        self.near_ms += other.near_ms
        self.late_ms += other.late_ms
        for policy, covered in other.by_policy.items():
            self.by_policy[policy] = self.by_policy.get(policy, 0) + covered


@dataclass(frozen=True, slots=True)
class Miss:
    """An entity of which something leaked."""

    policy: Policy
    leg: int
    text: str
    start_ms: int
    end_ms: int
    leaked_ms: int


@dataclass(frozen=True, slots=True)
class FalseFinding:
    """A redaction far from every labelled word, and the other speech in it."""

    policy: str
    leg: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class ReadBacks:
    """Unlabelled words that repeat digits of a labelled number."""

    words: int = 0
    speech_ms: int = 0
    covered_ms: int = 0

    def add(self, other: ReadBacks) -> None:
        """Count `other` in."""
        self.words += other.words
        self.speech_ms += other.speech_ms
        self.covered_ms += other.covered_ms


@dataclass(slots=True)
class AudioScore:
    """The score of one clip, or of several added up.

    `total` counts each frame once, however many policies label it. `false_regions`: covered stretches of speech far
    from every label. `unreported_samples`: samples that changed outside every reported redaction. `reshaped`: outputs
    that were missing or had another shape.
    """

    by_policy: dict[Policy, Coverage] = field(default_factory=dict)
    total: Coverage = field(default_factory=Coverage)
    other: OtherSpeech = field(default_factory=OtherSpeech)
    read_backs: ReadBacks = field(default_factory=ReadBacks)
    localisation: Localisation = field(default_factory=Localisation)
    false_regions: int = 0
    audio_ms: int = 0
    covered_late_ms: int = 0
    unreported_samples: int = 0
    reshaped: int = 0
    misses: list[Miss] = field(default_factory=list)
    false_findings: list[FalseFinding] = field(default_factory=list)

    def add(self, score: AudioScore) -> None:
        """Count another clip in."""
        for policy, coverage in score.by_policy.items():
            self.by_policy.setdefault(policy, Coverage()).add(coverage)
        self.total.add(score.total)
        self.other.add(score.other)
        self.read_backs.add(score.read_backs)
        self.localisation.add(score.localisation)
        self.false_regions += score.false_regions
        self.audio_ms += score.audio_ms
        self.covered_late_ms += score.covered_late_ms
        self.unreported_samples += score.unreported_samples
        self.reshaped += score.reshaped
        self.misses += score.misses
        self.false_findings += score.false_findings
