"""What one session is asked to do; checked once, by whoever builds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.custom_policies import CustomPolicy
from gateway.core.policy import Policy, Substitution
from gateway.core.strength import Strengths
from gateway.core.terms import NO_TERMS, Terms
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS, Timing
from gateway.media.encoding import Encoding
from gateway.media.mask import Masking


class Captions(StrEnum):
    """Which captions are wanted: every revision, only the last one of each turn, or none."""

    PARTIAL = "partial"
    FINAL = "final"
    NONE = "none"


class Pace(StrEnum):
    """`realtime`: audio leaves at its deadline. `elastic`: it leaves as soon as it is decided, however fast it came."""

    REALTIME = "realtime"
    ELASTIC = "elastic"


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """What a detector is to look for. Hashable: sessions that ask for the same share a detector.

    `custom`: the chosen policies of the operator. `terms`: what is always redacted, and what never is.
    """

    policies: frozenset[Policy]
    custom: tuple[CustomPolicy, ...] = ()
    terms: Terms = NO_TERMS


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Settings of one session. `sample_rate` is the wire rate in Hz, `channels` the number of legs."""

    policies: frozenset[Policy]
    encoding: Encoding = Encoding.PCM_S16LE
    sample_rate: int = 16_000
    channels: int = 1
    substitution: Substitution = Substitution.HASH
    masking: Masking = Masking.TONE
    lookahead_ms: int = DEFAULT_LOOKAHEAD_MS
    captions: Captions = Captions.PARTIAL
    pace: Pace = Pace.REALTIME
    strengths: Strengths = field(default_factory=Strengths)
    custom: tuple[CustomPolicy, ...] = ()
    terms: Terms = NO_TERMS

    def __post_init__(self) -> None:
        if not self.policies and not self.custom:
            raise ValueError("a session needs at least one policy")
        if self.sample_rate <= 0 or self.channels <= 0:
            raise ValueError("sample rate and channels are positive")
        Timing.for_lookahead(self.lookahead_ms)

    @property
    def policy_names(self) -> tuple[str, ...]:
        """The chosen policies: the built-in ones in the order of the documentation, then the operator's."""
        built_in = [policy.value for policy in Policy if policy in self.policies]
        return (*built_in, *(policy.name for policy in self.custom))

    @property
    def live_load(self) -> float:
        """What of it must be heard in time, in legs at the usual lookahead: short steps cost more. 0 when it waits."""
        usual = Timing.for_lookahead(DEFAULT_LOOKAHEAD_MS).step
        return self.channels * usual / self.timing.step if self.pace is Pace.REALTIME else 0.0

    @property
    def detection(self) -> DetectionSettings:
        """The part that is the detector's business."""
        return DetectionSettings(self.policies, self.custom, self.terms)

    @property
    def timing(self) -> Timing:
        """When things are decided, derived from the lookahead."""
        return Timing.for_lookahead(self.lookahead_ms)
