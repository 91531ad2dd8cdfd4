"""All runs of one clip: at every lookahead, at every strength, and with one policy at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gateway.asr.base import Recognizer
from gateway.core.detection import Detector
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings, Pace, SessionSettings
from gateway.core.strength import Strength, Strengths
from gateway.evaluation.caption_scoring import ShownWord
from gateway.evaluation.causes import CausesByPolicy, causes_of, findable
from gateway.evaluation.foreign import foreign_output
from gateway.evaluation.labels import Clip, Samples
from gateway.evaluation.leaks import compare
from gateway.evaluation.offline import clip_settings, redact_clip
from gateway.evaluation.recording import Recording, Replay, record
from gateway.evaluation.results import Costs, Outcome, Score, judge
from gateway.evaluation.selectivity import Selectivity, selectivity_of
from gateway.evaluation.virtual_call import play

DetectorFactory = Callable[[DetectionSettings], Detector]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run with every clip.

    `lookaheads_ms`: one call in virtual time at each. `lookahead_ms`, one of them: where everything else is measured.
    `strengths`: more calls there. `selectivity`: the policies that are run alone there, from media.
    """

    policies: frozenset[Policy]
    lookahead_ms: int
    lookaheads_ms: tuple[int, ...]
    strengths: tuple[Strength, ...] = ()
    selectivity: tuple[Policy, ...] = ()

    def settings(self, lookahead_ms: int) -> SessionSettings:
        """Of a session at a lookahead."""
        return SessionSettings(self.policies, lookahead_ms=lookahead_ms)


@dataclass(slots=True)
class ClipReport:
    """What came of one clip. `by_lookahead` has an entry for each of the plan's, or just one for a foreign output.

    `heard[leg]`: what the recogniser wrote, in the clear; empty where it is not known.
    """

    clip: Clip
    by_lookahead: dict[int, Score]
    by_strength: dict[Strength, Score] = field(default_factory=dict)
    causes: CausesByPolicy = field(default_factory=CausesByPolicy)
    heard: tuple[tuple[ShownWord, ...], ...] = field(default=(), repr=False)
    selectivity: dict[Policy, Selectivity] = field(default_factory=dict)


def evaluate_clip(clip: Clip, plan: Plan, recognizer: Recognizer, detectors: DetectorFactory) -> ClipReport:
    """Run a clip through the gateway's own pipeline. Its recognition is done once for each lookahead."""
    samples = clip.load()
    report = ClipReport(clip, {})
    for lookahead_ms in plan.lookaheads_ms:
        settings = clip_settings(clip, plan.settings(lookahead_ms), Pace.REALTIME)
        recording = record(samples, settings, recognizer)
        detector = detectors(settings.detection)
        score, outcome = _call(clip, samples, settings, recording, detector)
        report.by_lookahead[lookahead_ms] = score
        if lookahead_ms != plan.lookahead_ms:
            continue
        report.heard = recording.heard
        report.causes = causes_of(
            clip.turns,
            plan.policies,
            compare(clip.turns, clip.sample_rate, samples, outcome.audio),
            report.heard,
            outcome.redactions or (),
            findable(recording, detector, settings.strengths),
        )
        for strength in plan.strengths:
            strong = replace(settings, strengths=Strengths(strength))
            report.by_strength[strength], _ = _call(clip, samples, strong, recording, detector)
        for policy in plan.selectivity:
            alone = replace(plan.settings(lookahead_ms), policies=frozenset({policy}))
            result = redact_clip(clip, samples, alone, Replay(recording), detectors(alone.detection))
            frames = compare(clip.turns, clip.sample_rate, samples, result.audio)
            report.selectivity[policy] = selectivity_of(policy, clip.turns, frames, result.redactions or ())
    return report


def evaluate_foreign(clip: Clip, plan: Plan, outputs: dict[str, str]) -> ClipReport:
    """Score another system's output, a file for each clip's name; a clip without one leaks everything."""
    samples = clip.load()
    audio = foreign_output(outputs.get(clip.name), clip, samples)
    return ClipReport(clip, {plan.lookahead_ms: judge(clip, samples, Outcome(audio, None, ()), plan.policies)})


def _call(
    clip: Clip, samples: Samples, settings: SessionSettings, recording: Recording, detector: Detector
) -> tuple[Score, Outcome]:
    call = play(samples, settings, recording, detector)
    outcome = Outcome(call.audio, call.redactions, call.captions)
    score = judge(clip, samples, outcome, settings.policies)
    score.costs = Costs(call.recognition_s, call.detection_s, call.statistics.skipped_steps)
    return score, outcome
