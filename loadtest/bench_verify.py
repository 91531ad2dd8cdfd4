"""How well `verify` hears what was left open, and how often it raises a false alarm.

    python -m loadtest.bench_verify SET... --redacted DIR [--json FILE]

hears three versions of every labelled clip of the sets:

- *redacted*: DIR/NAME.wav, as `redaction-gateway redact SET/*.wav -o DIR --policies all` wrote it. What is suspected
  there is a leak (two or more labelled number words or spelled letters can be heard there), the echo of one that is
  said on another leg, another number, or a false alarm.
- *original*: nothing is covered; how many of the labelled numbers are found. A number is a labelled span with four or
  more number words or spelled letters.
- *one open*: the redacted version, with one number of each leg as it was said, with 200 ms around it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.core.policy import DEFAULT_POLICIES
from gateway.evaluation.labels import Clip, LabelledWord, read_clips
from gateway.files.decode import read_media
from gateway.media.timeline import samples_of
from gateway.verify.assembly import create_verifier
from gateway.verify.check import Verifier
from gateway.verify.suspicion import Level, Suspicion

FEWEST: Final = 4
"""So many number words or letters make a number that must be found."""
AROUND_MS: Final = 200
FOUND_SHARE: Final = 0.3
"""A number is found when suspicions cover so much of it."""
VERSIONS: Final = ("redacted", "original", "one open")
_NUMBERS: Final = frozenset(
    [
        "zero",
        "oh",
        "o",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
        "double",
        "triple",
    ]
)
Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word of a leg: whether it is a number or a letter, and whether it is labelled."""

    start_ms: int
    end_ms: int
    counts: bool
    labelled: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A labelled number."""

    leg: int
    policy: str
    start_ms: int
    end_ms: int


def spoken_words(clip: Clip, leg: int) -> list[Spoken]:
    """The words of a leg."""
    words = []
    for turn in clip.turns:
        labelled = {at for span in turn.spans for at in range(span.first, span.end)}
        if turn.leg == leg:
            words += [
                Spoken(word.start_ms, word.end_ms, counts(word), at in labelled) for at, word in enumerate(turn.words)
            ]
    return words


def numbers_of(clip: Clip) -> list[Number]:
    """The labelled numbers of a clip."""
    found = []
    for turn in clip.turns:
        for span in turn.spans:
            words = turn.words[span.first : span.end]
            if not span.optional and sum(map(counts, words)) >= FEWEST:
                found.append(Number(turn.leg, span.policy, words[0].start_ms, words[-1].end_ms))
    return found


def counts(word: LabelledWord) -> bool:
    """Whether it is a number word, a letter, or figures."""
    text = word.text.lower().strip(".,?!-")
    return len(text) == 1 or any(part in _NUMBERS or part.isdigit() for part in text.split("-"))


def kind_of(suspicion: Suspicion, clip: Clip, heard: Samples, original: Samples) -> str:
    """What is really there: "leak", "other number", "echo" (a labelled number is said on another leg) or "false"."""
    number = labelled = elsewhere = 0
    for leg in range(clip.channels):
        for word in spoken_words(clip, leg):
            middle = (word.start_ms + word.end_ms) / 2
            if not (word.counts and suspicion.start_ms - 100 <= middle <= suspicion.end_ms + 100):
                continue
            inside = slice(samples_of(word.start_ms, clip.sample_rate), samples_of(word.end_ms, clip.sample_rate) + 1)
            if np.mean(heard[inside, suspicion.leg] == original[inside, suspicion.leg]) < 0.5:
                continue
            if leg == suspicion.leg:
                number += 1
                labelled += word.labelled
            else:
                elsewhere += word.labelled
    if labelled >= 2:
        return "leak"
    return "other number" if number >= 2 else "echo" if elsewhere >= 2 else "false"


def is_found(number: Number, suspicions: Iterable[Suspicion]) -> bool:
    """Whether suspicions cover enough of the number."""
    covered = sum(
        max(0, min(one.end_ms, number.end_ms) - max(one.start_ms, number.start_ms))
        for one in suspicions
        if one.leg == number.leg
    )
    return covered >= FOUND_SHARE * (number.end_ms - number.start_ms)


def one_open(
    redacted: Samples, original: Samples, numbers: Sequence[Number], rate: int
) -> tuple[Samples, list[Number]]:
    """The redacted clip with the longest number of each leg as it was said; and those numbers."""
    chosen: dict[int, Number] = {}
    for number in sorted(numbers, key=lambda number: number.start_ms - number.end_ms):
        chosen.setdefault(number.leg, number)
    audio = redacted.copy()
    for number in chosen.values():
        opened = slice(
            max(0, samples_of(number.start_ms - AROUND_MS, rate)), samples_of(number.end_ms + AROUND_MS, rate)
        )
        audio[opened, number.leg] = original[opened, number.leg]
    return audio, list(chosen.values())


class Tally:
    """The figures of one version."""

    def __init__(self) -> None:
        self.numbers = 0
        self.found: Counter[Level] = Counter()
        self.kinds: Counter[tuple[str, Level]] = Counter()
        self.right_policy = 0
        self.audible_s = 0.0
        self.clips = self.quiet = 0

    def add(
        self,
        clip: Clip,
        heard: Samples,
        original: Samples,
        suspicions: Sequence[Suspicion],
        numbers: Sequence[Number],
        audible_ms: int,
    ) -> None:
        """Count one clip."""
        self.clips += 1
        self.audible_s += audible_ms / 1000
        kinds = [kind_of(one, clip, heard, original) for one in suspicions]
        self.quiet += not any(kind == "false" for kind in kinds)
        self.kinds.update((kind, one.level) for kind, one in zip(kinds, suspicions, strict=True))
        self.numbers += len(numbers)
        for number in numbers:
            likely = [one for one in suspicions if one.level is Level.LIKELY]
            self.found[Level.LIKELY] += is_found(number, likely)
            self.found[Level.POSSIBLE] += is_found(number, suspicions)
            self.right_policy += is_found(number, [one for one in suspicions if one.policy == number.policy])

    def figures(self) -> dict[str, Any]:
        """As they are written."""
        hours = self.audible_s / 3600
        false = {level.value: self.kinds["false", level] for level in Level}
        return {
            "clips": self.clips,
            "numbers": self.numbers,
            "found": self.found[Level.POSSIBLE],
            "found_likely": self.found[Level.LIKELY],
            "named_rightly": self.right_policy,
            "leaks": {level.value: self.kinds["leak", level] for level in Level},
            "echoes": {level.value: self.kinds["echo", level] for level in Level},
            "other_numbers": {level.value: self.kinds["other number", level] for level in Level},
            "false": false,
            "false_per_hour": {name: round(count / hours, 1) if hours else None for name, count in false.items()},
            "clips_without_false": self.quiet,
            "audible_s": round(self.audible_s),
        }


def heard_again(verifier: Verifier, samples: Samples, rate: int) -> tuple[list[Suspicion], int]:
    """The suspicions, and how much could be heard in ms."""
    check = verifier.begin(rate, samples.shape[1], DEFAULT_POLICIES)
    check.feed(samples)
    verification = check.finish()
    return list(verification.suspicions), verification.audio_ms - verification.masked_ms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--redacted", required=True, type=Path, metavar="DIR")
    parser.add_argument("--clip", default="", metavar="PREFIX", help="only clips whose name begins so")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    began = time.process_time()
    verifier = create_verifier()
    load_s = time.process_time() - began
    sets: dict[str, dict[str, Tally]] = {}
    audio_s = 0.0
    began = time.process_time()
    for clip in (clip for folder in options.sets for clip in read_clips(folder, options.clip)):
        output = options.redacted / f"{clip.path.stem}.wav"
        if not output.is_file():
            continue
        original = clip.load()
        redacted = np.concatenate(list(read_media(output).blocks()))
        numbers = numbers_of(clip)
        opened, left_open = one_open(redacted, original, numbers, clip.sample_rate)
        tallies = sets.setdefault(clip.set_name, {version: Tally() for version in VERSIONS})
        for version, samples, expected in zip(
            VERSIONS, (redacted, original, opened), ([], numbers, left_open), strict=True
        ):
            suspicions, audible_ms = heard_again(verifier, samples, clip.sample_rate)
            tallies[version].add(clip, samples, original, suspicions, expected, audible_ms)
            audio_s += samples.size / clip.sample_rate
    spent = time.process_time() - began
    results = {name: {version: tally.figures() for version, tally in row.items()} for name, row in sets.items()}
    report = {"load_cpu_s": round(load_s, 2), "cpu_per_second": round(spent / audio_s, 4), "sets": results}
    text = json.dumps(report, indent=1)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
