"""Measures an exported tagger on sources that training never saw: F1 for each label, calibration, time of a call.

python -m models.tagger.evaluate models/tagger/tagger.onnx --devset ../shared/devset [--lines even]
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnxruntime

from models.tagger.augment import Augment, Mishearing, lower_form
from models.tagger.corpora import NER, Corpora, part_of
from models.tagger.encode import IGNORE, Encoded, Encoder, fed
from models.tagger.generate import Generator
from models.tagger.words import LABELS, Example, Word, from_spans

HERE = Path(__file__).parent
NAMES = HERE.parents[1] / "gateway" / "pii" / "data"
CONTEXTUAL = LABELS[:14]
BINS = 10


Answer: TypeAlias = tuple[np.ndarray, np.ndarray, list[int], list[int]]
"""Logits of each kept word's labels and openness, and what they should be."""


class Model:
    """An exported tagger on one thread."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._encode = encoder

    def __call__(self, example: Example) -> Answer:
        one = self._encode(example)
        labels, opens = self._session.run(["labels", "open"], fed(one))
        return (
            labels,
            opens,
            [one.labels[at] for at in one.firsts],
            [one.opens[at] for at in one.firsts],
        )


def softmax(logits: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def by_label(probabilities: np.ndarray) -> np.ndarray:
    """[words, 1 + labels]: none, then begin and inside of each label together."""
    return np.concatenate(
        [probabilities[:, :1], probabilities[:, 1 : 1 + len(LABELS)] + probabilities[:, 1 + len(LABELS) :]], axis=1
    )


def scores(answers: Sequence[Answer], kinds: Iterable[str]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of `kinds` by words: a word counts for a label when label and model agree."""
    right, told, wanted = Counter[str](), Counter[str](), Counter[str]()
    confused = Counter[str]()
    chosen = set(kinds)
    for logits, _, labels, _ in answers:
        best = by_label(softmax(logits)).argmax(-1)
        for guess, target in zip(best, labels, strict=True):
            if target == IGNORE:
                continue
            truth = "none" if target == 0 else LABELS[(target - 1) % len(LABELS)]
            name = "none" if guess == 0 else LABELS[guess - 1]
            right[truth] += name == truth
            told[name] += 1
            wanted[truth] += 1
            if name != truth and (name in chosen or truth in chosen):
                confused[f"{truth} as {name}"] += 1
    result: dict[str, dict[str, float]] = {}
    for label in [name for name in LABELS if name in chosen and wanted[name]]:
        precision = right[label] / max(1, told[label])
        recall = right[label] / wanted[label]
        result[label] = {
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "f1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
            "words": wanted[label],
        }
    hit = sum(right[label] for label in chosen)
    precision, recall = (
        hit / max(1, sum(told[label] for label in chosen)),
        hit / max(1, sum(wanted[label] for label in chosen)),
    )
    result["all"] = {
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
        "words": sum(wanted[label] for label in chosen),
    }
    result["confused"] = dict(confused.most_common(12))  # type: ignore[assignment]
    return result


def calibration(answers: Sequence[Answer]) -> dict[str, object]:
    """Reliability of "this word is of some label" in ten bins, and the same of openness."""
    total, sure, right = np.zeros((2, BINS)), np.zeros((2, BINS)), np.zeros((2, BINS))
    for logits, opens, labels, wanted_open in answers:
        probabilities = by_label(softmax(logits))[:, 1:]
        for row, target in zip(probabilities, labels, strict=True):
            if target == IGNORE:
                continue
            best = int(row.argmax())
            bin_ = min(BINS - 1, int(row[best] * BINS))
            total[0, bin_] += 1
            sure[0, bin_] += row[best]
            right[0, bin_] += target > 0 and (target - 1) % len(LABELS) == best
        for logit, target in zip(opens, wanted_open, strict=True):
            probability = 1 / (1 + np.exp(-logit))
            bin_ = min(BINS - 1, int(probability * BINS))
            total[1, bin_] += 1
            sure[1, bin_] += probability
            right[1, bin_] += target
    result: dict[str, object] = {}
    for index, name in enumerate(("label", "open")):
        filled = np.maximum(total[index], 1)
        gaps = np.abs(sure[index] - right[index]) / filled
        result[name] = {
            "ece": round(float((gaps * total[index]).sum() / total[index].sum()), 4),
            "ece_above_tenth": round(float((gaps * total[index])[1:].sum() / max(1, total[index][1:].sum())), 4),
            "bins": [
                [int(total[index, at]), round(sure[index, at] / filled[at], 3), round(right[index, at] / filled[at], 3)]
                for at in range(BINS)
            ],
        }
    return result


def _only(examples: Iterable[Example], labels: frozenset[str]) -> list[Example]:
    """Words of other labels are not asked for."""
    return [
        replace(
            example,
            words=tuple(
                replace(word, known=word.known and (word.label is None or word.label in labels))
                for word in example.words
            ),
        )
        for example in examples
    ]


def lowered(examples: Iterable[Example]) -> list[Example]:
    """Lower case without punctuation."""
    made = [
        replace(
            example,
            previous=tuple(word.text for word in lower_form(tuple(Word(text) for text in example.previous))),
            words=lower_form(example.words),
        )
        for example in examples
    ]
    return [example for example in made if example.words]


def held_out(corpora: Corpora, census: Path, parity: int) -> dict[str, list[Example]]:
    """Test sets by name; `parity` 0 is for fitting the temperature, 1 for measuring."""
    rng = random.Random(parity)
    mishearing = Mishearing(corpora.common | {name.lower() for name in (NAMES / "surnames.txt").read_text().split()})
    augment = Augment(mishearing)

    def half(examples: Iterable[Example], most: int) -> list[Example]:
        kept = [one for one in examples if part_of("half " + " ".join(word.text for word in one.words), 2) == parity]
        return rng.sample(kept, min(most, len(kept)))

    generated = list(Generator(census, corpora.carriers(99, 500), held_out=True).examples(1000 + parity, 900))
    sets = {
        "generated, entries not trained on": generated,
        "slurp (half kept out)": half(corpora.slurp(held_out=True), 400),
        "evi (speakers kept out)": half(corpora.evi(held_out=True), 250),
    }
    everything = [one for name in sets for one in sets[name]]
    sets["all of these as recognised"] = [augment(one, rng, cut=0.0) for one in everything]
    sets["all of these, cut"] = [one for one in (augment(one, rng, cut=1.0) for one in everything) if one.words]
    sets["all of these, cut anywhere"] = [augment.anywhere(one, rng) for one in everything]
    if parity:
        sets["wikigold"] = half(corpora.entities("wikigold"), 300)
        sets["presidio"] = _only(
            half(corpora.presidio(), 250), frozenset({"person_name", "location", "organization", "nationality"})
        )
    return sets


@dataclass(frozen=True, slots=True)
class Scales:
    """What calibrates the logits: labels / `temperature`, and `open_scale` * openness + `open_bias`."""

    temperature: float = 1.0
    open_scale: float = 1.0
    open_bias: float = 0.0


def scale_of(path: Path, encoder: Encoder, corpora: Corpora, census: Path) -> Scales:
    """The scales with the least negative log likelihood on the fitting halves; openness on turns cut anywhere."""
    model = Model(path, encoder)
    sets = held_out(corpora, census, 0)
    rows: list[np.ndarray] = []
    wanted: list[int] = []
    for example in [*sets["all of these as recognised"], *sets["all of these, cut"]]:
        logits, _, labels, _ = model(example)
        for row, target in zip(logits, labels, strict=True):
            if target != IGNORE:
                rows.append(row)
                wanted.append(target)
    logits = np.array(rows)
    targets = np.array(wanted)

    def loss(temperature: float) -> float:
        chances = softmax(logits / temperature)[np.arange(len(targets)), targets]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    answers = [model(example) for example in sets["all of these, cut anywhere"]]
    opens = np.concatenate([answer[1] for answer in answers])
    truth = np.concatenate([np.array(answer[3], dtype=float) for answer in answers])

    def open_loss(scale: float, bias: float) -> float:
        signed = (scale * opens + bias) * (2 * truth - 1)
        return float(np.logaddexp(0, -signed).mean())

    scale, bias = min(
        ((step / 20, shift / 10) for step in range(8, 31) for shift in range(-20, 41)),
        key=lambda pair: open_loss(*pair),
    )
    return Scales(min((step / 50 for step in range(30, 150)), key=loss), scale, bias)


def speed(path: Path, pieces: int) -> float:
    """Median CPU milliseconds of a call for one turn, every second piece asked."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(1)
    ids, nothing = rng.integers(1000, 20000, pieces).tolist(), [0] * pieces
    inputs = fed(Encoded(ids, nothing, nothing, nothing, nothing, list(range(0, pieces, 2))))
    spent = []
    for _ in range(150):
        began = time.thread_time()
        session.run(None, inputs)
        spent.append(time.thread_time() - began)
    return round(float(np.median(spent)) * 1000, 2)


def measure(path: Path, encoder: Encoder, corpora: Corpora, census: Path, brief: bool = False) -> dict[str, object]:
    """Everything that the model card tells; `brief`: only the mixed sets."""
    model = Model(path, encoder)
    result: dict[str, object] = {"megabytes": round(path.stat().st_size / 1e6, 1)}
    result["milliseconds"] = {str(pieces): speed(path, pieces) for pieces in (32, 64, 96)}
    table: dict[str, object] = {}
    reliability: dict[str, object] = {}
    for name, examples in held_out(corpora, census, 1).items():
        mixed = name.startswith("all")
        if brief and not mixed:
            continue
        kinds = NER if name == "wikigold" else frozenset(LABELS)
        answers = [model(example) for example in examples]
        table[name] = scores(answers, kinds)
        if not brief and (mixed or name.startswith("slurp")):
            reliability[name] = calibration(answers)
        if not mixed:
            table[f"{name}, lower case"] = scores([model(example) for example in lowered(examples)], kinds)
    result["scores"] = table
    result["calibration"] = reliability
    return result


def lines(path: Path, parity: int) -> dict[str, list[Example]]:
    """The labelled text lines whose pair number has `parity`, by form; optional and numeric spans are not asked for."""
    found: dict[str, list[Example]] = defaultdict(list)
    for line in path.read_text().splitlines():
        row = json.loads(line)
        if int("".join(one for one in str(row["pair"]) if one.isdigit())) % 2 != parity:
            continue
        spans = [
            (span["start"], span["end"], "optional" if span.get("optional") else span["type"]) for span in row["spans"]
        ]
        words = tuple(
            word if word.label in CONTEXTUAL or word.label is None else Word(word.text, known=False)
            for word in from_spans(row["text"], spans)
        )
        hard = ", hard negatives" if row["hard_negative"] else ""
        found[row["form"] + hard].append(Example(tuple((row.get("prev") or "").split()), words, row["id"]))
    return dict(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--devset", type=Path, required=True)
    parser.add_argument("--lines", choices=("even", "odd"), help="only the labelled text lines of this half")
    options = parser.parse_args()
    encoder = Encoder(options.model.parent / "tokenizer.json")
    if options.lines is None:
        corpora = Corpora(options.devset / "text_corpora", NAMES)
        print(json.dumps(measure(options.model, encoder, corpora, options.devset / "gazetteers"), indent=1))
        return
    model = Model(options.model, encoder)
    for name, examples in lines(options.devset / "text" / "lines.jsonl", int(options.lines == "odd")).items():
        answers = [model(example) for example in examples]
        flagged = sum(
            any(0 < guess <= len(CONTEXTUAL) for guess in by_label(softmax(logits)).argmax(-1))
            for logits, *_ in answers
        )
        print(name, f"{flagged}/{len(examples)} lines with a find", json.dumps(scores(answers, CONTEXTUAL), indent=1))


if __name__ == "__main__":
    main()
