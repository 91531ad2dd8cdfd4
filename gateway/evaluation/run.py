"""Runs every clip, in this process or in several, each with a model of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache

from gateway.asr.base import Recognizer
from gateway.asr.registry import create_recognizer
from gateway.core.policy import Policy
from gateway.evaluation.audio_scoring import asked_spans
from gateway.evaluation.clip_run import ClipReport, Plan, evaluate_clip, evaluate_foreign
from gateway.evaluation.labels import Clip
from gateway.pii.combined import create_detector


def run_clips(clips: Sequence[Clip], plan: Plan, engine: str, jobs: int) -> Iterator[ClipReport]:
    """Run the gateway on every clip; reports come as they are done.

    Raises MediaError for a clip that cannot be read, EngineError when the recogniser is not to be had.
    """
    if jobs == 1 or len(clips) < 2:
        for clip in clips:
            yield _run(clip, plan, engine)
        return
    with ProcessPoolExecutor(min(jobs, len(clips)), mp_context=multiprocessing.get_context("spawn")) as pool:
        longest_first = sorted(clips, key=lambda clip: -clip.path.stat().st_size)
        futures = [pool.submit(_run, clip, plan, engine) for clip in longest_first]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def score_outputs(clips: Sequence[Clip], plan: Plan, outputs: dict[str, str]) -> Iterator[ClipReport]:
    """Score what another system made of the clips."""
    for clip in clips:
        yield evaluate_foreign(clip, plan, outputs)


def labelled_policies(clips: Sequence[Clip], policies: frozenset[Policy]) -> tuple[Policy, ...]:
    """The chosen policies that the labels of some clip ask for."""
    asked = {span.policy for clip in clips for turn in clip.turns for span in asked_spans(turn, policies)}
    return tuple(sorted(asked & policies))


def _run(clip: Clip, plan: Plan, engine: str) -> ClipReport:
    return evaluate_clip(clip, plan, _recognizer(engine), create_detector)


@lru_cache(maxsize=1)
def _recognizer(engine: str) -> Recognizer:
    """One model for each process."""
    return create_recognizer(engine)
