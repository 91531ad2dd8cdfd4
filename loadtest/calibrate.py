"""Counts how often rules are right, on the tuned half of labelled calls and texts: `python -m loadtest.calibrate`.

Writes `gateway/pii/data/calibration.json` (see `gateway.pii.calibration`) from half A of the calls and the even pairs
of the text lines, and prints how well the probabilities of the whole detector hold on half A and on half B, which
nothing was made on: words in ten classes of probability, and how many of each class were labelled.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from gateway.asr.registry import create_recognizer
from gateway.core.detection import Detection, Detector, Finding, Token, Utterance
from gateway.core.policy import DEFAULT_POLICIES
from gateway.core.settings import DetectionSettings, Pace, SessionSettings
from gateway.core.transcript import LegTranscript
from gateway.evaluation.labels import Clip, Half, LabelledTurn, read_clips
from gateway.evaluation.offline import clip_settings
from gateway.evaluation.recording import Recording, record
from gateway.evaluation.text_scoring import Half as TextHalf
from gateway.evaluation.text_scoring import TextLabel, TextLine, read_lines
from gateway.media.timeline import ms_ceil, ms_floor, samples_of
from gateway.pii.combined import create_detector
from gateway.pii.detector import RuleDetector
from gateway.pii.text import utterance_of
from loadtest.devsets import DEVSET

TABLE = Path(__file__).parents[1] / "gateway" / "pii" / "data" / "calibration.json"
SETS = ("calls", "digits", "real")
_CLASSES = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding or a held candidate of `name`, how probable it was said to be, and whether it was right."""

    name: str
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What a leg said in the end, with the times of its words in milliseconds, and what it said at each step.

    With each step goes how many of its words have to be decided then.
    """

    final: Utterance
    times: tuple[tuple[int, int], ...]
    steps: tuple[tuple[Utterance, int], ...]
    turns: tuple[LabelledTurn, ...]


def main(
    devset: Annotated[Path, typer.Option(help="The folder of the labelled sets.")] = DEVSET,
    write: Annotated[bool, typer.Option(help="Write the table; without it only the report is made.")] = True,
) -> None:
    """Count, write the table, and report how well the probabilities hold."""
    console = Console()
    lines = read_lines(devset / "text" / "lines.jsonl")
    clips = [clip for name in SETS for clip in read_clips(devset / name)]
    recognizer = create_recognizer()
    recordings = {
        clip.name: record(clip.load(), clip_settings(clip, _settings(), Pace.REALTIME), recognizer)
        for clip in track(clips, "recognising", console=Console(stderr=True), transient=True)
    }
    report(console, clips, recordings, lines, write=write)


def report(
    console: Console, clips: list[Clip], recordings: dict[str, Recording], lines: tuple[TextLine, ...], *, write: bool
) -> None:
    """Count on the tuned halves, write the table, and print the classes of both halves."""
    settings = DetectionSettings(DEFAULT_POLICIES)
    heard = {
        half: [leg for clip in clips if clip.half is half for leg in _legs(clip, recordings[clip.name])]
        for half in Half
    }
    text = {
        Half.A: [line for line in lines if line.half is TextHalf.TUNED],
        Half.B: [line for line in lines if line.half is TextHalf.HELD_OUT],
    }
    if write:
        rules = RuleDetector(settings.policies)
        findings = [*_in_calls(heard[Half.A], rules), *_in_texts(text[Half.A], rules)]
        still_open = list(_held_open(heard[Half.A], rules))
        TABLE.write_text(_table({"findings": _counted(findings), "open": _counted(still_open)}))
    detector = create_detector(settings)
    for half in Half:
        judged = [*_words_in_calls(heard[half], detector), *_words_in_texts(text[half], detector)]
        console.print(_classes(f"half {half.value}: {len(judged)} words that may be personal", judged))


def _table(counts: dict[str, dict[str, tuple[int, int]]]) -> str:
    """JSON with a line for each name."""
    parts = []
    for kind, names in counts.items():
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(pair)}" for name, pair in names.items())
        parts.append(f' "{kind}": {{\n{rows}\n }}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _settings() -> SessionSettings:
    return SessionSettings(DEFAULT_POLICIES)


def _counted(judged: list[Judged]) -> dict[str, tuple[int, int]]:
    seen, right = Counter(one.name for one in judged), Counter(one.name for one in judged if one.right)
    return {name: (seen[name], right[name]) for name in sorted(seen)}


def _classes(title: str, judged: list[Judged]) -> Table:
    table = Table("probability", "words", "said", "labelled", title=title, title_justify="left")
    error = 0.0
    for index in range(_CLASSES):
        low, high = index / _CLASSES, (index + 1) / _CLASSES
        own = [one for one in judged if low <= one.confidence < high or (high == 1.0 and one.confidence == 1.0)]
        if own:
            said, right = sum(one.confidence for one in own) / len(own), sum(one.right for one in own) / len(own)
            error += abs(said - right) * len(own) / len(judged)
            table.add_row(f"{low:.1f}-{high:.1f}", str(len(own)), f"{said:.2f}", f"{right:.2f}")
    table.add_row("mean difference", "", "", f"{error:.3f}")
    return table


def _legs(clip: Clip, recording: Recording) -> Iterator[Heard]:
    """The legs of a clip. What is forgotten in a long call is not looked at: words are counted from its start."""
    recording = replace(recording, sample_rate=clip.sample_rate)
    legs = [LegTranscript(clip.sample_rate) for _ in range(clip.channels)]
    steps: list[list[tuple[Utterance, int]]] = [[] for _ in legs]
    horizon = samples_of(_settings().timing.horizon, clip.sample_rate)
    for step in recording.steps:
        for leg, hypothesis in zip(legs, step.hypotheses, strict=True):
            leg.receive(hypothesis)
        for number, leg in enumerate(legs):
            others = [other for other in legs if other is not leg]
            due = sum(word.span.end <= step.span.end - horizon for word in leg.words)
            steps[number].append((leg.utterance(others, ended=step.final), due))
    for number, leg in enumerate(legs):
        times = tuple(
            (ms_floor(word.span.start, clip.sample_rate), ms_ceil(word.span.end, clip.sample_rate))
            for word in leg.words
        )
        turns = tuple(turn for turn in clip.turns if turn.leg == number)
        if times:
            yield Heard(steps[number][-1][0], times, tuple(steps[number][:-1]), turns)


def _in_calls(legs: list[Heard], detector: Detector) -> Iterator[Judged]:
    for leg in legs:
        for finding in detector.detect(leg.final).findings:
            start, end = leg.times[finding.first][0], leg.times[finding.end - 1][1]
            right = _said(leg.turns, start, end, finding.policy)
            if right is not None:
                yield Judged(_name(finding), finding.confidence, right)


def _said(turns: tuple[LabelledTurn, ...], start: int, end: int, policy: str) -> bool | None:
    """Whether most of the stretch is labelled with the policy; None where it carries another or an optional label."""
    labelled = other = 0
    for turn in turns:
        for span in turn.spans:
            words = turn.words[span.first : span.end]
            shared = max(0, min(end, words[-1].end_ms) - max(start, words[0].start_ms))
            if not span.optional and (span.policy == policy or policy in span.also):
                labelled += shared
            else:
                other += shared
    if 2 * labelled >= end - start:
        return True
    return None if 4 * (labelled + other) >= end - start else False


def _in_texts(lines: list[TextLine], detector: Detector) -> Iterator[Judged]:
    for line in lines:
        utterance, places = utterance_of(line.text, line.previous)
        for finding in detector.detect(utterance).findings:
            start = places[finding.first] + finding.start_char
            end = places[finding.end - 1] + finding.end_char
            touched = [label for label in line.labels if _touches(label, start, end)]
            same = [label for label in touched if not label.optional and finding.policy in {label.policy, *label.also}]
            if same or not (touched or finding.policy in line.lenient):
                yield Judged(_name(finding), finding.confidence, bool(same))


def _words_in_calls(legs: list[Heard], detector: Detector) -> Iterator[Judged]:
    """Every word that may be personal: how probably, and whether a label holds it. Optional ones are passed over."""
    for leg in legs:
        for token, confidence in _likely(detector.detect(leg.final)).items():
            start, end = leg.times[token]
            labels = [
                span.optional
                for turn in leg.turns
                for span in turn.spans
                if 2 * min(end, turn.words[span.end - 1].end_ms) - 2 * max(start, turn.words[span.first].start_ms)
                >= end - start
            ]
            if not any(labels):
                yield Judged("", confidence, bool(labels))


def _words_in_texts(lines: list[TextLine], detector: Detector) -> Iterator[Judged]:
    for line in lines:
        utterance, places = utterance_of(line.text, line.previous)
        for token, confidence in _likely(detector.detect(utterance)).items():
            end = places[token] + len(utterance.tokens[token].text)
            labels = [label.optional for label in line.labels if _touches(label, places[token], end)]
            if not any(labels):
                yield Judged("", confidence, bool(labels))


def _likely(detection: Detection) -> dict[int, float]:
    """The probability of each token that is in a finding."""
    likely: dict[int, float] = {}
    for finding in detection.findings:
        for token in range(finding.first, finding.end):
            likely[token] = max(likely.get(token, 0.0), finding.confidence)
    return likely


def _touches(label: TextLabel, start: int, end: int) -> bool:
    return any(first < end and start < last for first, last in label.pieces)


def _held_open(legs: list[Heard], detector: Detector) -> Iterator[Judged]:
    """What was held open when it had to be decided."""
    for leg in legs:
        covered = {place for one in detector.detect(leg.final).findings for place in range(one.first, one.end)}
        texts = [token.text for token in leg.final.tokens]
        for utterance, due in leg.steps:
            for candidate in detector.detect(utterance).candidates:
                if candidate.first < due and _same(texts, utterance.tokens, candidate.first):
                    yield Judged(candidate.rule, candidate.confidence, candidate.first in covered)


def _same(texts: list[str], tokens: tuple[Token, ...], first: int) -> bool:
    """Whether the word did not change after the step."""
    return first < len(texts) and texts[: first + 1] == [token.text for token in tokens[: first + 1]]


def _name(finding: Finding) -> str:
    return f"{finding.policy}/{finding.rule}"


if __name__ == "__main__":
    typer.run(main)
