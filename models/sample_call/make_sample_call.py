"""Makes the bundled sample call: `gateway/data/sample_call.wav` and its exact labels.

    python models/sample_call/make_sample_call.py

Needs Debian's `flite` (tried with 2.2); the packaged files are only made anew when the wording changes.
Everything said is invented: the telephone number is one of those kept free for fiction, the card number is a
published test number.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

RATE = 8000
BAND_HZ = (300.0, 3400.0)
SPEECH_RMS = 0.08
NOISE_RMS = 0.0011
LEAD_S = 0.6
TAIL_S = 0.8
SEED = 4711
SILENT_PHONE = "pau"
VOICES = ("slt", "rms")
SPEAKERS = ("agent", "caller")
DATA = Path(__file__).resolve().parents[2] / "gateway" / "data"


@dataclass(frozen=True, slots=True)
class Line:
    """One turn. `gap`: seconds since the other party's turn ended. `spans`: (policy, phrase) in order of the text."""

    leg: int
    gap: float
    text: str
    spans: tuple[tuple[str, str], ...] = ()
    stretch: float = 1.0


CALL = (
    Line(0, 0.0, "Thank you for calling the book store. What can I do for you?", stretch=1.05),
    Line(1, 0.7, "Hello. I want to pay for the books I ordered."),
    Line(0, 0.5, "Of course. What is your name, please?"),
    Line(
        1,
        0.6,
        "My name is Daniel Carter. That is C, A, R, T, E, R.",
        (("person_name", "Daniel Carter"), ("person_name", "C, A, R, T, E, R")),
        1.1,
    ),
    Line(0, 0.6, "Thank you, Daniel. And what is your phone number?", (("person_name", "Daniel"),)),
    Line(
        1,
        0.8,
        "It is four one five, five five five, zero one three two.",
        (("phone_number", "four one five, five five five, zero one three two"),),
        1.05,
    ),
    Line(
        0,
        0.6,
        "Okay, that is zero one three two. And what is the card number?",
        (("phone_number", "zero one three two"),),
        1.05,
    ),
    Line(
        1,
        0.9,
        "Four two six three, nine eight two six, four zero two six, nine two nine nine.",
        (("credit_card_number", "Four two six three, nine eight two six, four zero two six, nine two nine nine"),),
        1.02,
    ),
    Line(0, 0.5, "And when does it expire?"),
    Line(1, 0.7, "Zero nine, twenty eight.", (("credit_card_expiration", "Zero nine, twenty eight"),), 1.05),
    Line(0, 0.8, "You will have your books in three days."),
    Line(1, 0.5, "Wonderful. Thank you."),
)


@dataclass(frozen=True, slots=True)
class Speech:
    """A spoken line: samples at RATE, and start and end of each of its words in seconds."""

    samples: NDArray[np.float64]
    word_times: tuple[tuple[float, float], ...]


def flite(*arguments: str) -> str:
    """What flite prints. Raises CalledProcessError when it fails."""
    return subprocess.run(["flite", *arguments], check=True, capture_output=True, text=True).stdout


def phone_count(voice: str, word: str) -> int:
    """How many phones the word has."""
    phones = flite("-voice", voice, "-ps", "-t", f"{word} ", "-o", "none").split()
    return sum(phone != SILENT_PHONE for phone in phones)


def speak(voice: str, line: Line, workspace: Path) -> Speech:
    """Have flite speak a line; its phones, which it prints with their end times, are dealt out to the words."""
    path = workspace / "line.wav"
    stretch = f"duration_stretch={line.stretch}"
    printed = flite("-voice", voice, "--setf", stretch, "-psdur", "-t", line.text, "-o", str(path)).split()
    phones: list[tuple[float, float]] = []
    end = 0.0
    for item in printed:
        name, _, until = item.partition(":")
        start, end = end, float(until)
        if name != SILENT_PHONE:
            phones.append((start, end))
    counts = [phone_count(voice, word) for word in line.text.split()]
    if sum(counts) != len(phones):
        raise ValueError(f"the words have {sum(counts)} phones alone and {len(phones)} together; reword: {line.text}")
    ends = np.cumsum(counts)
    times = tuple((phones[last - n][0], phones[last - 1][1]) for n, last in zip(counts, ends.tolist(), strict=True))
    with wave.open(str(path), "rb") as reader:
        rate = reader.getframerate()
        raw = np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2")
    samples = band_limited(soxr.resample(raw.astype(np.float64) / 32768.0, rate, RATE, "VHQ"))
    voiced = np.concatenate([samples[round(a * RATE) : round(b * RATE)] for a, b in phones])
    return Speech(samples * (SPEECH_RMS / np.sqrt(np.mean(voiced**2))), times)


def band_limited(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Through a telephone: BAND_HZ with edges 100 Hz wide, no delay."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    low, high = BAND_HZ
    gain = np.clip((frequency - low) / 100 + 0.5, 0, 1) * np.clip((high - frequency) / 100 + 0.5, 0, 1)
    return np.fft.irfft(spectrum * gain, len(samples))


def label(line: Line, speech: Speech, at: float) -> dict[str, object]:
    """The turn in the format of the labelled sets: words and spans with characters, word numbers and seconds."""
    words: list[dict[str, object]] = []
    starts: list[int] = []
    position = 0
    for text, (start, end) in zip(line.text.split(), speech.word_times, strict=True):
        first = line.text.index(text, position)
        position = first + len(text)
        starts.append(first)
        words.append(
            {
                "w": text,
                "start": round(at + start, 3),
                "end": round(at + end, 3),
                "char_start": first,
                "char_end": position,
            }
        )
    spans: list[dict[str, object]] = []
    searched = 0
    for policy, phrase in line.spans:
        char_start = line.text.index(phrase, searched)
        char_end = searched = char_start + len(phrase)
        first_word = starts.index(char_start)
        end_word = sum(start < char_end for start in starts)
        span: dict[str, object] = {"type": policy, "text": phrase, "char_start": char_start, "char_end": char_end}
        span |= {"word_start": first_word, "word_end": end_word}
        span |= {"start": words[first_word]["start"], "end": words[end_word - 1]["end"]}
        if policy != "person_name":
            span["also"] = ["number_sequence"]
        spans.append(span)
    turn: dict[str, object] = {"channel": line.leg, "speaker": SPEAKERS[line.leg], "text": line.text}
    turn |= {"start": words[0]["start"], "end": words[-1]["end"], "words": words, "spans": spans}
    return turn


def room_noise(length: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Quiet band-limited noise."""
    noise = band_limited(generator.standard_normal(length))
    return noise * float(NOISE_RMS / np.sqrt(np.mean(noise**2)))


def main() -> None:
    """Write both files."""
    placed: list[tuple[Line, Speech, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        position = LEAD_S
        for line in CALL:
            speech = speak(VOICES[line.leg], line, Path(folder))
            at = position + line.gap - speech.word_times[0][0]
            placed.append((line, speech, at))
            position = at + speech.word_times[-1][1]
    length = round((position + TAIL_S) * RATE)
    generator = np.random.default_rng(SEED)
    legs = np.stack([room_noise(length, generator) for _ in SPEAKERS], axis=1)
    for line, speech, at in placed:
        first = round(at * RATE)
        skipped = max(0, -first)
        first += skipped
        kept = speech.samples[skipped : skipped + length - first]
        legs[first : first + len(kept), line.leg] += kept
    samples = np.clip(np.round(legs * 32768), -32768, 32767).astype("<i2")
    DATA.mkdir(parents=True, exist_ok=True)
    with wave.open(str(DATA / "sample_call.wav"), "wb") as writer:
        writer.setnchannels(len(SPEAKERS))
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.tobytes())
    labels = {
        "id": "sample_call",
        "audio": "sample_call.wav",
        "sample_rate": RATE,
        "channels": len(SPEAKERS),
        "channel_roles": list(SPEAKERS),
        "duration": round(length / RATE, 3),
        "kind": "synthetic",
        "timing": "exact",
        "synth": {"agent_voice": f"flite:{VOICES[0]}", "caller_voice": f"flite:{VOICES[1]}", "band": "300-3400"},
        "licence": "generated for this project (flite output); no third-party content",
        "turns": [label(line, speech, at) for line, speech, at in placed],
    }
    (DATA / "sample_call.labels.json").write_text(json.dumps(labels, indent=1) + "\n")
    print(f"{DATA / 'sample_call.wav'}: {length / RATE:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
