"""What server and worker tell each other over a pipe. A worker's replies travel in lists: a batch is one message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.asr.base import Capabilities
from gateway.core.detection import Detection, Utterance
from gateway.core.hypothesis import Hypothesis
from gateway.workers.host import DetectionJob, RecognitionJob


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job, numbered by the server."""

    number: int
    job: RecognitionJob | DetectionJob


@dataclass(frozen=True, slots=True)
class SubmittedAgain:
    """A detection job with the settings of its session's last one: they may hold a great many terms."""

    number: int
    session: str
    utterances: tuple[Utterance, ...] = field(repr=False)
    due: float | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A session is over."""

    session: str


Request: TypeAlias = Submitted | SubmittedAgain | Closed


@dataclass(frozen=True, slots=True)
class Ready:
    """The models are loaded. `leg_cost`: CPU seconds that a second of one leg of a conversation took in a trial."""

    capabilities: Capabilities
    leg_cost: float


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The models cannot be loaded; `reason` is for the operator."""

    reason: str


Answer: TypeAlias = tuple[Hypothesis, ...] | tuple[Detection, ...]
"""What was heard, or what was found, in each leg."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a job."""

    number: int
    answer: Answer


STREAMS_LOST = "StreamsLost"
"""The error of a job whose session began in a worker that is gone."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A job failed; after a recognition job the streams are gone. `error` is the type's name, never its text."""

    number: int
    error: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The worker ends by a fault that is no job's. `error` as in Failed."""

    error: str


@dataclass(frozen=True, slots=True)
class Declined:
    """A recognition job was not begun: it would have come much too late. The streams are as they were."""

    number: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The worker lives. Totals since its start: seconds spent on live jobs, and how many of them came late; how many
    live steps were recognised, and how many of those took more than half of the time there was.

    `memory`: bytes it holds, those it shares with others included.
    """

    busy_s: float
    late: int
    steps: int
    close_steps: int
    memory: int


Reply: TypeAlias = Answered | Failed | Declined | Broken | Beat
"""What a worker says."""


@dataclass(frozen=True, slots=True)
class Forked:
    """The fork server has started a worker."""

    pid: int
