"""Redacts a file: the same session as a live call, without a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gateway.core.custom_policies import CustomPolicy
from gateway.core.detection import Detector
from gateway.core.events import AudioReleased, CaptionUpdated, NearMissNoted, RedactionDecided, SessionEnded, Statistics
from gateway.core.policy import Policy, Substitution
from gateway.core.settings import Captions, DetectionSettings, Pace, SessionSettings
from gateway.core.strength import Strengths
from gateway.core.terms import NO_TERMS, Terms
from gateway.core.timing import DEFAULT_LOOKAHEAD_MS
from gateway.files.atomic import replacing
from gateway.files.decode import Damage, MediaFile, read_media
from gateway.files.outputs import PlannedOutput
from gateway.files.record import CallRecord, stats_of
from gateway.files.result import RedactionResult
from gateway.files.transcript_files import as_json
from gateway.files.wavwriter import writing_wav
from gateway.media.encoding import Encoding, decode
from gateway.media.mask import Masking
from gateway.media.timeline import ms_ceil
from gateway.runtime.offline import redact_blocks
from gateway.verify.check import Verifier
from gateway.workers.host import RecognitionHost


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What is asked for every file of a run. `verifier`: what hears each output again; None: nothing does."""

    policies: frozenset[Policy]
    substitution: Substitution = Substitution.HASH
    masking: Masking = Masking.TONE
    lookahead_ms: int = DEFAULT_LOOKAHEAD_MS
    strengths: Strengths = field(default_factory=Strengths)
    custom: tuple[CustomPolicy, ...] = ()
    terms: Terms = NO_TERMS
    verifier: Verifier | None = None

    @property
    def detection(self) -> DetectionSettings:
        """What a detector for these files is to look for."""
        return DetectionSettings(self.policies, self.custom, self.terms)

    def settings_for(self, media: MediaFile) -> SessionSettings:
        """The session's settings: the file's own rate, each channel a leg."""
        return SessionSettings(
            policies=self.policies,
            encoding=Encoding.PCM_S16LE,
            sample_rate=media.rate,
            channels=media.channels,
            substitution=self.substitution,
            masking=self.masking,
            lookahead_ms=self.lookahead_ms,
            captions=Captions.FINAL,
            pace=Pace.ELASTIC,
            strengths=self.strengths,
            custom=self.custom,
            terms=self.terms,
        )


@dataclass(frozen=True, slots=True)
class FileReport:
    """A finished file. `damage` lists what of it could not be read."""

    output: PlannedOutput
    result: RedactionResult
    damage: list[Damage] = field(default_factory=list)


def redact_file(
    plan: PlannedOutput,
    options: FileOptions,
    host: RecognitionHost,
    detector: Detector,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> FileReport:
    """Write the redacted WAV and JSON of one file; nothing is left behind when it fails.

    `progress` is told the samples done and those expected, None while unknown. `detector` finds what the options'
    `detection` asks for. Raises MediaError for a file that cannot be used, or an output that cannot be written.
    """
    media = read_media(plan.source)
    settings = options.settings_for(media)
    record = CallRecord(media.channels)
    check = options.verifier.begin(media.rate, media.channels, options.policies) if options.verifier else None
    statistics: Statistics | None = None
    with replacing(plan.json) as text, writing_wav(plan.wav, media.rate, media.channels) as wav:
        for output in redact_blocks(_told(media, progress), settings, host, detector):
            match output:
                case AudioReleased():
                    samples = np.stack([decode(frame, settings.encoding) for frame in output.frames], axis=1)
                    wav.write(samples)
                    if check:
                        check.feed(samples)
                case CaptionUpdated() | RedactionDecided() | NearMissNoted():
                    record.take(output, media.rate)
                case SessionEnded():
                    statistics = output.statistics
        if statistics is None:
            raise AssertionError("a session always ends")
        result = record.result(ms_ceil(media.samples_read, media.rate), settings.policy_names, stats_of(statistics))
        result = replace(result, verification=check.finish() if check else None)
        text.write(as_json(result).encode("utf-8"))
        text.flush()
    return FileReport(plan, result, media.damage)


def _told(media: MediaFile, progress: Callable[[int, int | None], None]) -> Iterator[NDArray[np.int16]]:
    for block in media.blocks():
        yield block
        progress(media.samples_read, media.expected_samples)
