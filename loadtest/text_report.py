"""Measures the rule detector on labelled text: `python -m loadtest.text_report [--devset DIR] [--errors POLICY|all]`.

Prints precision, recall and F1 per policy. A label counts as found when at least 80 % of its letters and digits carry
its policy; a finding counts as right when at least half of it lies in labels of its policy. "covered" is the share of a
policy's labelled characters that any finding covers. Labels marked optional neither reward nor punish.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.detection import OtherTurn, Token, Utterance
from gateway.core.policy import DEFAULT_POLICIES, Policy
from gateway.pii.detector import RuleDetector

ALL = DEFAULT_POLICIES


@dataclass
class Label:
    start: int
    end: int
    policy: str
    optional: bool
    also: tuple[str, ...]


@dataclass
class Sample:
    """One text with labels. `offsets`: where each token starts in `text`."""

    name: str
    text: str
    labels: list[Label]
    utterance: Utterance
    offsets: list[int]
    hard_negative: bool = False
    lenient: tuple[str, ...] = ()


@dataclass
class Score:
    labels: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0
    chars: int = 0
    covered: int = 0


@dataclass
class Result:
    scores: dict[str, Score] = field(default_factory=dict)
    flagged: list[str] = field(default_factory=list)
    negatives: int = 0
    errors: list[tuple[str, str, str, str]] = field(default_factory=list)
    seconds: float = 0.0
    tokens: int = 0
    samples: int = 0


def tokenise(text: str) -> tuple[list[Token], list[int]]:
    tokens: list[Token] = []
    offsets: list[int] = []
    position = 0
    for word in text.split():
        position = text.index(word, position)
        tokens.append(Token(word))
        offsets.append(position)
        position += len(word)
    return tokens, offsets


def lines(path: Path, form: str, half: int) -> Iterator[Sample]:
    """`half` 0 or 1: rows of either half, by the hash of the pair's id."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["form"] != form or hashlib.sha256(row["pair"].encode()).digest()[0] % 2 != half:
            continue
        tokens, offsets = tokenise(row["text"])
        others = (OtherTurn(0, row["prev"]),) if row.get("prev") else ()
        labels = [
            Label(s["start"], s["end"], s["type"], bool(s.get("optional")), tuple(s.get("also") or ()))
            for s in row["spans"]
        ]
        yield Sample(
            row["id"],
            row["text"],
            labels,
            Utterance(tuple(tokens), others),
            offsets,
            bool(row["hard_negative"]),
            tuple(row.get("lenient") or ()),
        )


def calls(path: Path) -> Iterator[Sample]:
    """Every leg of every call as one utterance, the other leg's turns between."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for leg in sorted({turn["channel"] for turn in row["turns"]}):
            yield from _leg(row, leg)


def _leg(row: dict, leg: int) -> Iterator[Sample]:
    text, labels, tokens, offsets, starts = "", [], [], [], []
    for turn in row["turns"]:
        if turn["channel"] != leg:
            continue
        base = len(text)
        words, places = tokenise(turn["text"])
        times = {word["char_start"]: word["start"] for word in turn["words"]}
        time_now = turn["start"]
        for word, place in zip(words, places, strict=True):
            time_now = times.get(place, time_now)
            tokens.append(word)
            offsets.append(base + place)
            starts.append(time_now)
        labels += [
            Label(
                base + s["char_start"],
                base + s["char_end"],
                s["type"],
                bool(s.get("optional")),
                tuple(s.get("also") or ()),
            )
            for s in turn["spans"]
        ]
        text += turn["text"] + "\n"
    others = [
        OtherTurn(sum(start < turn["start"] for start in starts), turn["text"])
        for turn in sorted(row["turns"], key=lambda turn: turn["start"])
        if turn["channel"] != leg
    ]
    if tokens:
        yield Sample(f"{row['id']}/{leg}", text, labels, Utterance(tuple(tokens), tuple(others)), offsets)


def corpus(path: Path, limit: int) -> Iterator[Sample]:
    rows = path.read_text(encoding="utf-8").splitlines()
    step = max(1, len(rows) // limit)
    for number, line in enumerate(rows[::step]):
        row = json.loads(line)
        tokens, offsets = tokenise(row["t"])
        others = (OtherTurn(0, row["p"]),) if row.get("p") else ()
        labels = [Label(start, end, policy, False, ()) for start, end, policy in row["s"]]
        yield Sample(f"{path.stem}:{number * step}", row["t"], labels, Utterance(tuple(tokens), others), offsets)


def measure(samples: Iterator[Sample], policies: frozenset[Policy] = ALL) -> Result:
    result = Result()
    detector = RuleDetector(policies)
    for sample in samples:
        began = time.perf_counter()
        detection = detector.detect(sample.utterance)
        result.seconds += time.perf_counter() - began
        result.tokens += len(sample.utterance.tokens)
        result.samples += 1
        _score(sample, detection.findings, result)
    return result


def _score(sample: Sample, findings: tuple, result: Result) -> None:
    spans = [
        (
            sample.offsets[f.first] + f.start_char,
            sample.offsets[f.end - 1] + f.end_char,
            str(f.policy),
            f.rule,
        )
        for f in findings
    ]
    solid = {index for index, char in enumerate(sample.text) if char.isalnum()}
    by_policy: dict[str, set[int]] = {}
    for start, end, policy, _ in spans:
        by_policy.setdefault(policy, set()).update(solid.intersection(range(start, end)))
    everything = set().union(*by_policy.values()) if by_policy else set()
    for label in sample.labels:
        if label.optional:
            continue
        score = result.scores.setdefault(label.policy, Score())
        chars = solid.intersection(range(label.start, label.end))
        score.labels += 1
        score.chars += len(chars)
        score.covered += len(chars & everything)
        if len(chars & by_policy.get(label.policy, set())) >= 0.8 * len(chars):
            score.found += 1
        else:
            result.errors.append(("miss", label.policy, sample.name, sample.text[label.start : label.end]))
    digits_in_labels = {index for label in sample.labels for index in solid.intersection(range(label.start, label.end))}
    for start, end, policy, rule in spans:
        chars = solid.intersection(range(start, end))
        allowed = {
            index
            for label in sample.labels
            if policy == label.policy or policy in label.also
            for index in range(label.start, label.end)
        }
        if policy == "number_sequence":
            chars -= digits_in_labels - allowed
            if not chars or policy in sample.lenient:
                continue
        if any(label.optional and label.start < end and start < label.end for label in sample.labels):
            continue
        score = result.scores.setdefault(policy, Score())
        score.findings += 1
        if len(chars & allowed) >= 0.5 * len(chars):
            score.right += 1
        else:
            result.errors.append((f"wrong ({rule})", policy, sample.name, sample.text[start:end]))
    if sample.hard_negative:
        result.negatives += 1
        if any(span[2] not in sample.lenient for span in spans):
            result.flagged.append(f"{sample.name}: {sorted({span[2] for span in spans})}")


def table(title: str, result: Result, errors: str) -> None:
    per_token = 1e6 * result.seconds / max(1, result.tokens)
    print(f"\n{title}: {result.samples} texts, {result.tokens} tokens, {per_token:.0f} us a token")
    print(f"{'policy':28}{'labels':>7}{'recall':>8}{'precis.':>8}{'F1':>7}{'covered':>9}{'findings':>9}")
    for policy in sorted(result.scores):
        score = result.scores[policy]
        recall = score.found / score.labels if score.labels else float("nan")
        precision = score.right / score.findings if score.findings else float("nan")
        f1 = 2 * recall * precision / (recall + precision) if score.found and score.right else 0.0
        covered = score.covered / score.chars if score.chars else float("nan")
        print(f"{policy:28}{score.labels:7}{recall:8.3f}{precision:8.3f}{f1:7.3f}{covered:9.3f}{score.findings:9}")
    if result.negatives:
        print(f"hard negatives flagged: {len(result.flagged)} of {result.negatives}")
        for line in result.flagged:
            print("   ", line)
    for kind, policy, name, text in result.errors:
        if errors in (policy, "all"):
            print(f"  {kind:24}{policy:26}{name:22}{text!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devset", type=Path, default=Path(__file__).parents[2] / "shared" / "devset")
    parser.add_argument("--errors", default="", help="also list the errors of this policy, or of all")
    parser.add_argument("--only", default="lines,calls,corpora", help="which parts")
    parser.add_argument("--halves", default="01", help="which halves of the lines")
    options = parser.parse_args()
    devset: Path = options.devset
    if "lines" in options.only:
        for half in options.halves:
            for form in ("written", "spoken"):
                samples = lines(devset / "text" / "lines.jsonl", form, int(half))
                table(f"lines, {form}, half {half}", measure(samples), options.errors)
    if "calls" in options.only:
        for name in ("calls", "digits", "real"):
            table(name, measure(calls(devset / name / "manifest.jsonl")), options.errors)
    if "corpora" in options.only:
        for name in ("presidio_synth_v2", "evi_en", "sgd_train"):
            samples = corpus(devset / "text_corpora" / f"{name}.jsonl", 1500)
            table(name, measure(samples), options.errors)


if __name__ == "__main__":
    main()
