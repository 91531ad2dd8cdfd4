"""What listening costs, side by side: this gateway, moonshine-voice's own streaming transcriber, and PocketSphinx.

    python -m loadtest.bench_streaming [WAV ...] [--seconds 60] [--rounds 2] [--json FILE]

The same audio, as it would come in live, through each in a process of its own, in turn; CPU seconds of all its threads
for each second of audio. The peers write text and nothing else; the gateway also finds what is personal, decides and
covers. Without WAV files it takes the project's own speech fixtures, repeated. The first channel of each is heard.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.asr.registry import create_recognizer
from gateway.core.policy import parse_policies
from gateway.core.settings import Pace, SessionSettings
from gateway.evaluation.labels import clip_from_file
from gateway.media.resample import StreamResampler
from gateway.pii.combined import create_detector
from gateway.runtime.offline import redact_pcm
from loadtest.bench_recognizer import FIXTURES

RATE = 16_000
CHUNK = RATE // 10
Samples = NDArray[np.int16]
Heard = tuple[float, int]
"""CPU seconds, and how many words were written."""


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="WAV")
    parser.add_argument("--seconds", type=int, default=60, help="how much to hear")
    parser.add_argument("--rounds", type=int, default=2, help="how often; the cheapest counts")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--only", choices=LISTENERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    files = arguments.files or sorted(FIXTURES.glob("*.wav"))
    if arguments.only:
        speech = _speech(files, arguments.seconds)
        silence = np.zeros(arguments.seconds * RATE, dtype=np.int16)
        listen = LISTENERS[arguments.only]()
        print(json.dumps({kind: listen(audio) for kind, audio in (("speech", speech), ("silence", silence))}))
        return
    rows: dict[str, dict[str, Heard]] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for name in progress.track(list(LISTENERS) * arguments.rounds, description="listening"):
            found = _in_a_process(name, files, arguments.seconds)
            best = rows.setdefault(name, found)
            rows[name] = {kind: min(best[kind], found[kind]) for kind in found}
    report = _report(rows, arguments.seconds)
    _print(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


def _in_a_process(name: str, files: list[Path], seconds: int) -> dict[str, Heard]:
    command = [sys.executable, "-m", "loadtest.bench_streaming", "--only", name, "--seconds", str(seconds)]
    done = subprocess.run([*command, *map(str, files)], check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    return {kind: (float(cpu), int(words)) for kind, (cpu, words) in answer.items()}


def _speech(files: list[Path], seconds: int) -> Samples:
    pieces = []
    for file in files:
        clip = clip_from_file(file)
        audio = StreamResampler(clip.sample_rate, RATE).feed(clip.load()[:, 0], True)
        pieces.append(np.clip(audio * 32768, -32768, 32767).astype(np.int16))
    return np.resize(np.concatenate(pieces), seconds * RATE)


def _gateway() -> Callable[[Samples], Heard]:
    recognizer = create_recognizer()
    settings = SessionSettings(parse_policies("all"), sample_rate=RATE, pace=Pace.ELASTIC)
    detector = create_detector(settings.detection)

    def listen(audio: Samples) -> Heard:
        before = time.process_time()
        result = redact_pcm(audio[:, np.newaxis], settings, recognizer, detector)
        spent = time.process_time() - before
        captions = {event.turn: event.text for event in result.events if hasattr(event, "turn")}
        return spent, sum(len(text.split()) for text in captions.values())

    return listen


def _moonshine_voice() -> Callable[[Samples], Heard]:
    from moonshine_voice import ModelArch, Transcriber, get_model_path

    transcriber = Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY)

    def listen(audio: Samples) -> Heard:
        before = time.process_time()
        with transcriber.create_stream() as stream:
            stream.start()
            for first in range(0, len(audio), CHUNK):
                stream.add_audio((audio[first : first + CHUNK] / np.float32(32768)).tolist(), RATE)
            stream.stop()
            lines = stream.update_transcription().lines
        return time.process_time() - before, sum(len(line.text.split()) for line in lines)

    return listen


def _pocketsphinx() -> Callable[[Samples], Heard]:
    from pocketsphinx import Decoder

    decoder = Decoder(samprate=RATE, loglevel="FATAL")

    def listen(audio: Samples) -> Heard:
        words = 0
        before = time.process_time()
        # It is meant for utterances: ten seconds each.
        for start in range(0, len(audio), 100 * CHUNK):
            decoder.start_utt()
            for first in range(start, min(start + 100 * CHUNK, len(audio)), CHUNK):
                decoder.process_raw(audio[first : first + CHUNK].tobytes(), no_search=False, full_utt=False)
            decoder.end_utt()
            found = decoder.hyp()
            words += len(found.hypstr.split()) if found else 0
        return time.process_time() - before, words

    return listen


LISTENERS: dict[str, Callable[[], Callable[[Samples], Heard]]] = {
    "gateway": _gateway,
    "moonshine-voice": _moonshine_voice,
    "pocketsphinx": _pocketsphinx,
}


def _report(rows: dict[str, dict[str, Heard]], seconds: int) -> dict[str, dict[str, float]]:
    ours = rows["gateway"]["speech"][0]
    return {
        name: {
            "speech_cpu_per_second": row["speech"][0] / seconds,
            "silence_cpu_per_second": row["silence"][0] / seconds,
            "times_the_gateway": row["speech"][0] / ours,
            "words": row["speech"][1],
        }
        for name, row in rows.items()
    }


def _print(report: dict[str, dict[str, float]]) -> None:
    table = Table(title="CPU seconds for each second of one leg")
    for column in ("", "speech", "silence", "speech, times the gateway", "words written"):
        table.add_column(column, justify="right" if column else "left")
    for name, row in report.items():
        table.add_row(
            name,
            f"{row['speech_cpu_per_second']:.4f}",
            f"{row['silence_cpu_per_second']:.4f}",
            f"{row['times_the_gateway']:.1f}",
            f"{row['words']:.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
