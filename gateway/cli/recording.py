"""Runs a call for a person: captions while it goes on, files and totals at its end."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from gateway.cli.player import Event, Handlers, Playback, play
from gateway.cli.screen import CaptionScreen, statistics_table
from gateway.core.events import Verdict
from gateway.core.settings import SessionSettings
from gateway.errors import OptionError
from gateway.files.picture import Waveform, write_picture
from gateway.files.record import CallRecord
from gateway.files.result import NearMissRow, RedactedWord, RedactionRow
from gateway.files.transcript_files import as_json, as_srt, as_txt, as_vtt, write_text
from gateway.files.wavwriter import writing_wav
from gateway.review.write import write_review


class Recording:
    """What came back of a call, as it comes."""

    def __init__(self, settings: SessionSettings) -> None:
        self._settings = settings
        self._record = CallRecord(settings.channels)
        self.waveform = Waveform(settings.sample_rate, settings.channels)
        self.statistics: Mapping[str, Any] | None = None

    def take(self, event: Event) -> None:
        """An event of the server."""
        match event["type"]:
            case "caption":
                words = (
                    RedactedWord(word["text"], word["start_ms"], word["end_ms"], word["policy"])
                    for word in event["words"]
                )
                self._record.caption(event["leg"], event["turn"], words)
            case "redaction":
                verdict = Verdict(event["verdict"])
                times = event["start_ms"], event["end_ms"]
                row = RedactionRow(event["leg"], event["policy"], *times, verdict, event["confidence"])
                self._record.redaction(row)
            case "near_miss":
                times = event["start_ms"], event["end_ms"]
                self._record.near_miss(NearMissRow(event["leg"], event["policy"], *times, event["confidence"]))
            case "done":
                self.statistics = event["statistics"]

    def write(self, stem: Path, speakers: tuple[str, ...], review_below: float | None) -> list[Path]:
        """Write transcript, picture and, if wanted, the review beside `stem`.wav; returns what was written."""
        duration_ms = self.waveform.samples * 1000 // self._settings.sample_rate
        result = self._record.result(duration_ms, self._settings.policy_names, self.statistics or {})
        texts = {
            ".json": as_json(result),
            ".txt": as_txt(result.legs, speakers),
            ".srt": as_srt(result.legs, speakers),
            ".vtt": as_vtt(result.legs, speakers),
        }
        written = []
        for suffix, text in texts.items():
            path = stem.with_name(stem.name + suffix)
            write_text(path, text)
            written.append(path)
        if self.waveform.samples:
            path = stem.with_name(stem.name + ".png")
            write_picture(path, self.waveform, result.redactions, speakers)
            written.append(path)
            if review_below is not None:
                review = write_review(stem.with_name(stem.name + ".wav"), result, review_below)
                written += [review.json, review.page]
        return written


async def run_call(
    playback: Playback,
    address: str,
    trusted: ssl.SSLContext | None,
    settings: SessionSettings,
    out_dir: Path | None,
    console: Console,
    review_below: float | None = None,
) -> None:
    """Make the call, show its captions, leave its files. Raises GatewayError."""
    speakers = tuple(f"leg {leg}" for leg in range(settings.channels))
    recording = Recording(settings)
    stem = None if out_dir is None else _output(playback, out_dir)
    with ExitStack() as stack:
        write: Callable[[np.ndarray[Any, np.dtype[np.int16]]], None] = recording.waveform.add
        if stem:
            wav_path = stem.with_name(stem.name + ".wav")
            wav = stack.enter_context(writing_wav(wav_path, settings.sample_rate, settings.channels))

            def write(samples: np.ndarray[Any, np.dtype[np.int16]]) -> None:
                wav.write(samples)
                recording.waveform.add(samples)

        screen = stack.enter_context(CaptionScreen(console, speakers))

        def event(told: Event) -> None:
            recording.take(told)
            screen.show(told)

        def audio(data: bytes) -> None:
            write(np.frombuffer(data, dtype="<i2").reshape(-1, settings.channels))

        await play(playback, address, trusted, Handlers(event, audio))
    if recording.statistics:
        console.print(statistics_table(recording.statistics))
    if stem:
        for path in (stem.with_name(stem.name + ".wav"), *recording.write(stem, speakers, review_below)):
            console.print(f"wrote {path}", markup=False, soft_wrap=True)


def _output(playback: Playback, out_dir: Path) -> Path:
    source = playback.media.path
    stem = out_dir / source.stem
    if stem.with_name(stem.name + ".wav").resolve() == source.resolve():
        raise OptionError(f"-o: {out_dir} holds the file that is played; choose another directory")
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"-o: {out_dir} cannot be made: {error.strerror}") from None
    return stem
