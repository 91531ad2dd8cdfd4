"""What the transports need from the rest of the gateway."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.detection import Detection
from gateway.core.hypothesis import Hypothesis
from gateway.observe.metrics import Metrics
from gateway.runtime.live import Recognition
from gateway.transports.calls import Calls
from gateway.transports.verification import LiveVerification
from gateway.wire.own_terms import Defaults
from gateway.workers.host import DetectionJob, RecognitionJob


class SupervisedRecognition(Recognition, Protocol):
    """Recognition that may be away for a while."""

    @property
    def ready(self) -> bool:
        """Whether steps are answered now."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """Built by the composition root, one for each server."""

    recognition: SupervisedRecognition
    calls: Calls
    metrics: Metrics
    defaults: Defaults = field(default_factory=Defaults)

    verification: LiveVerification | None = None
    """Hears a share of the calls again."""

    @property
    def ready(self) -> bool:
        """Whether a new call would be taken and understood."""
        return self.recognition.ready and not self.calls.draining and not self.calls.full


class MeteredRecognition:
    """Measures how long steps take."""

    def __init__(self, inner: SupervisedRecognition, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    @property
    def ready(self) -> bool:
        """Whether steps are answered now."""
        return self._inner.ready

    async def recognize(self, job: RecognitionJob) -> tuple[Hypothesis, ...]:
        """See `Recognition`."""
        began_at = time.monotonic()
        answer = await self._inner.recognize(job)
        self._metrics.step_took(time.monotonic() - began_at)
        return answer

    async def detect(self, job: DetectionJob) -> tuple[Detection, ...]:
        """See `Recognition`."""
        return await self._inner.detect(job)

    def close(self, session: str) -> None:
        """See `Recognition`."""
        self._inner.close(session)
