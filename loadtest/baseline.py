"""The single-call figure: the calls of a plateau again, one by one and from media alone, where nothing is ever late.

The figures are kept in a folder under a name made of everything that they depend on, the gateway's code and models
included, so the same calls are not recognised twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from functools import cached_property
from pathlib import Path

from gateway.asr.base import Recognizer
from gateway.asr.registry import create_recognizer
from gateway.evaluation.labels import Clip
from gateway.evaluation.offline import redact_clip
from gateway.pii.combined import create_detector
from loadtest.call import CallRecord
from loadtest.conversation import Library
from loadtest.scenario import CallPlan
from loadtest.scoring import CallScore, score_output, spoken

GATEWAY = Path(__file__).resolve().parents[1] / "gateway"


@dataclass(slots=True)
class Leaks:
    """Milliseconds of labelled speech and of other speech, and how much of them was covered.

    `late_ms` of `media_ms`, all legs together, were covered undecided: speech may also be unclear without any haste.
    """

    labelled_ms: int = 0
    covered_ms: int = 0
    other_ms: int = 0
    other_covered_ms: int = 0
    late_ms: int = 0
    media_ms: int = 0

    @classmethod
    def of(cls, scored: CallScore) -> Leaks:
        """Out of a score."""
        total, other = scored.score.audio.total, scored.score.audio.other
        media_ms = scored.legs_ms
        return cls(total.speech_ms, total.covered_ms, other.speech_ms, other.covered_ms, scored.late_ms, media_ms)

    def add(self, more: Leaks) -> None:
        """Count `more` in."""
        self.labelled_ms += more.labelled_ms
        self.covered_ms += more.covered_ms
        self.other_ms += more.other_ms
        self.other_covered_ms += more.other_covered_ms
        self.late_ms += more.late_ms
        self.media_ms += more.media_ms

    @property
    def leaked_share(self) -> float | None:
        """Of the labelled speech, 0..1; None without any."""
        return 1.0 - self.covered_ms / self.labelled_ms if self.labelled_ms else None

    @property
    def other_covered_share(self) -> float | None:
        """Of the other speech, 0..1; None without any."""
        return self.other_covered_ms / self.other_ms if self.other_ms else None

    @property
    def late_share(self) -> float | None:
        """Of all audio, 0..1; None without any."""
        return self.late_ms / self.media_ms if self.media_ms else None

    def row(self) -> dict[str, float | int | None]:
        """As a JSON object."""
        return {
            **asdict(self),
            "leaked_share": self.leaked_share,
            "other_covered_share": self.other_covered_share,
            "late_share": self.late_share,
        }


class Baseline:
    """Measures calls as if each had been alone on a machine of any speed."""

    def __init__(self, library: Library, folder: Path) -> None:
        self._library = library
        self._folder = folder

    def leaks(self, plan: CallPlan, record: CallRecord, window_ms: tuple[int, int]) -> Leaks:
        """What the same audio leaks, in a part of its media."""
        path = self._folder / f"{self._name(plan, record, window_ms)}.json"
        if path.is_file():
            return Leaks(**json.loads(path.read_text()))
        settings = plan.kind.settings
        samples = spoken(self._library, plan, record)[: record.received]
        rate, channels = settings.sample_rate, settings.channels
        clip = Clip("", "", "", "", Path(), rate, rate, channels, plan.conversation.turns)
        outcome = redact_clip(clip, samples, settings, self._recognizer, create_detector(settings.detection))
        output = samples if outcome.audio is None else outcome.audio
        scored = score_output(samples, output, plan, outcome.redactions or (), outcome.captions, window_ms)
        leaks = Leaks.of(scored)
        self._folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(leaks)) + "\n")
        return leaks

    @cached_property
    def _recognizer(self) -> Recognizer:
        return create_recognizer()

    @cached_property
    def _gateway(self) -> bytes:
        digest = hashlib.sha256()
        for path in _sources():
            digest.update(path.relative_to(GATEWAY).as_posix().encode() + b"\0" + path.read_bytes())
        return digest.digest()

    def _name(self, plan: CallPlan, record: CallRecord, window_ms: tuple[int, int]) -> str:
        conversation = plan.conversation
        used = sorted({piece.clip for pieces in conversation.pieces for piece in pieces})
        about = (
            plan.kind.query,
            [(clip.name, clip.path.stat().st_size) for clip in (self._library.clips[number] for number in used)],
            [[astuple(piece) for piece in pieces] for pieces in conversation.pieces],
            (record.received, record.lost, window_ms),
        )
        return hashlib.sha256(self._gateway + repr(about).encode()).hexdigest()[:24]


def _sources() -> Iterator[Path]:
    files = (path for path in GATEWAY.rglob("*") if path.suffix in {".py", ".onnx", ".json", ".toml", ".txt"})
    yield from sorted(files)
