"""Clips to labelled encoder frames: varied as telephones vary speech, windowed as the live engine windows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import soxr
from numpy.typing import NDArray

from gateway.asr.moonshine.encoder import FRAME, MIN_SAMPLES, RATE, Encoder, Floats
from gateway.asr.moonshine.number_head import SILENCE, SPEECH
from gateway.asr.moonshine.window import UNIT, UNITS_PER_FRAME, AudioWindow
from gateway.media.g711 import MULAW_TO_PCM, PCM_TO_MULAW
from gateway.media.resample import StreamResampler
from models.number_head.classes import IGNORED
from models.number_head.corpus import Clip, Spoken

_QUIET_DB = 32.0
"""Frames so far below the loudest of the clip are the quiet edges of words: not learned from."""
_JOINED = 0.05
"""Two words of one class so close together (seconds) have no edge between them that matters."""
_BEGIN, _NEAR_BEGIN = 0.03, 0.07
"""Frames so close (seconds) to the beginning of a counted word are its beginning; those a little farther, neither."""
_ADVANCE = 0.9
"""How much of a window lies behind the beginning of the next."""


@dataclass(frozen=True, slots=True)
class Window:
    """One encoded window, what each frame holds, and whether a counted word begins there (1, 0 or IGNORED).

    `words` are those of the clip that lie whole in it: first frame, end frame, label.
    `varied`: the audio is not as it was recorded. Such windows are not judged.
    """

    source: str
    speaker: str
    varied: bool
    hidden: NDArray[np.float16]
    labels: NDArray[np.int64]
    begins: NDArray[np.int64]
    words: tuple[tuple[int, int, int], ...]


def varied(clip: Clip, random: np.random.Generator) -> Clip:
    """The clip at another speed and pitch, loudness and band, with noise, often through a telephone's codec."""
    speed = random.uniform(0.86, 1.16)
    audio = clip.samples.astype(np.float64) / 32768.0
    audio = soxr.resample(audio, clip.rate * speed, RATE)
    if random.random() < 0.6:
        audio = _band(audio, random.uniform(200, 350), random.uniform(3_000, 3_700))
    audio /= max(np.abs(audio).max(), 1e-4)
    audio *= 10 ** (random.uniform(-22, -2) / 20)
    loudness = np.sqrt(np.mean(audio**2))
    if random.random() < 0.7:
        audio = audio + _noise(len(audio), random) * loudness * 10 ** (-random.uniform(12, 40) / 20)
    rate = RATE
    if random.random() < 0.6:
        rate = 8_000
        audio = soxr.resample(audio, RATE, rate)
    samples = (audio * 32767.0).clip(-32768, 32767).astype(np.int16)
    if random.random() < 0.6:
        samples = MULAW_TO_PCM[PCM_TO_MULAW[samples.view(np.uint16)]]
    words = [Spoken(word.start / speed, word.end / speed, word.label) for word in clip.words]
    return replace(clip, samples=samples, rate=rate, words=words)


def _band(audio: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    size = _fft_size(len(audio))
    spectrum = np.fft.rfft(audio, size)
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    gain = 1 / (1 + (low / np.maximum(frequencies, 1.0)) ** 8) / (1 + (frequencies / high) ** 16)
    return np.fft.irfft(spectrum * gain, size)[: len(audio)]


def _noise(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    size = _fft_size(count)
    spectrum = np.fft.rfft(random.standard_normal(size))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1.0) ** random.uniform(0.0, 0.6)
    noise = np.fft.irfft(spectrum, size)[:count]
    return noise / max(np.sqrt(np.mean(noise**2)), 1e-9)


def _fft_size(count: int) -> int:
    """A power of two: other lengths can take a hundred times as long."""
    return 1 << max(count - 1, 1).bit_length()


def windows(clip: Clip, encoder: Encoder, random: np.random.Generator, *, is_varied: bool) -> list[Window]:
    """The clip's speech, silences cut as in a live call, in windows that begin and end anywhere."""
    live = AudioWindow()
    live.feed(StreamResampler(clip.rate, RATE).feed(clip.samples, final=True))
    audio = live.samples
    frames = len(live) // UNITS_PER_FRAME
    centres = np.array([live.start_of(frame) + 1.5 for frame in range(frames)]) * UNIT / RATE
    quiet = live.quiet_frames(frames)
    labels = frame_labels(clip, centres, quiet, _levels(audio, frames))
    begins = frame_begins(clip, centres)
    spans = [
        (np.searchsorted(centres, word.start), np.searchsorted(centres, word.end), word.label) for word in clip.words
    ]
    found = []
    begin = 0
    while begin * FRAME + MIN_SAMPLES < len(audio):
        seconds = random.uniform(2.5, 5.0) if random.random() < 0.7 else random.uniform(0.4, 2.5)
        length = int(seconds * RATE / FRAME)
        hidden = encoder.encode(audio[begin * FRAME : (begin + length) * FRAME])
        count = min(len(hidden), frames - begin)
        whole = [
            (int(first) - begin, int(end) - begin, label)
            for first, end, label in spans
            if begin <= first < end <= begin + count
        ]
        found.append(
            Window(
                clip.source,
                clip.speaker,
                is_varied,
                hidden[:count].astype(np.float16),
                labels[begin : begin + count],
                begins[begin : begin + count],
                tuple(whole),
            )
        )
        begin += max(1, int(length * _ADVANCE))
    return found


def frame_labels(
    clip: Clip, centres: NDArray[np.float64], quiet: NDArray[np.bool_], levels: NDArray[np.float64]
) -> NDArray[np.int64]:
    """What each frame holds; IGNORED near the edges of counted words, and where a word's own edge is quiet."""
    labels = np.where(quiet, SILENCE, SPEECH)
    faint = levels < levels.max(initial=-100.0) - _QUIET_DB
    joins = {
        word.end
        for word, after in pairwise(clip.words)
        if word.label == after.label and after.start - word.end < _JOINED
    }
    joins |= {after.start for word, after in pairwise(clip.words) if word.end in joins}
    for word in clip.words:
        if word.label == SPEECH:
            continue
        inside = (centres >= word.start) & (centres < word.end)
        labels[inside] = np.where(quiet[inside] | faint[inside], IGNORED, word.label)
        for edge, outward in ((word.start, -1), (word.end, 1)):
            if edge in joins:
                continue
            off = (centres - edge) * outward
            labels[(off > -clip.slack) & (off < 2 * clip.slack) & (labels != SILENCE)] = IGNORED
            beyond = (off >= 0) & (off < 3 * clip.slack) & (labels == SPEECH)
            labels[beyond & ~_in_speech(clip, centres)] = IGNORED
    return labels


def frame_begins(clip: Clip, centres: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whether a counted word begins in each frame; IGNORED close to a beginning, and where the words are not known."""
    begins = np.zeros(len(centres), dtype=np.int64)
    for word in clip.words:
        if word.label == IGNORED:
            begins[(centres >= word.start) & (centres < word.end)] = IGNORED
    for width, value in ((_NEAR_BEGIN, IGNORED), (_BEGIN, 1)):
        for word in clip.words:
            if word.label not in (SPEECH, IGNORED):
                begins[np.abs(centres - word.start) < width] = value
    return begins


def _in_speech(clip: Clip, centres: NDArray[np.float64]) -> NDArray[np.bool_]:
    spoken = np.zeros(len(centres), dtype=np.bool_)
    for word in clip.words:
        if word.label == SPEECH:
            spoken |= (centres >= word.start) & (centres < word.end)
    return spoken


def _levels(audio: Floats, frames: int) -> NDArray[np.float64]:
    cut = audio[: frames * FRAME].reshape(frames, FRAME).astype(np.float64)
    levels: NDArray[np.float64] = 10 * np.log10(np.mean(cut**2, axis=1) + 1e-10)
    return levels
