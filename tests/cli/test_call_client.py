"""The client side of a call: frames, addresses, captions on a screen, a server of one's own."""

import io
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gateway.cli.player import open_playback, stream_address
from gateway.cli.screen import CaptionScreen, statistics_table
from gateway.cli.subserver import running_server
from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from gateway.errors import OptionError
from gateway.files.wavwriter import writing_wav
from gateway.wire.options import parse_options


def recording(path: Path, rate: int, samples: int, channels: int) -> np.ndarray:
    audio = (np.sin(np.arange(samples * channels) / 7) * 8000).astype(np.int16).reshape(-1, channels)
    with writing_wav(path, rate, channels) as wav:
        wav.write(audio)
    return audio


def test_frames_are_the_file_bit_by_bit(tmp_path: Path) -> None:
    audio = recording(tmp_path / "a.wav", 8000, 20_050, 2)
    playback = open_playback(tmp_path / "a.wav")
    frames = list(playback.frames())
    assert playback.rate == 8000
    assert b"".join(frames) == audio.tobytes()
    assert {len(frame) for frame in frames[:-1]} == {160 * 4}
    assert len(frames[-1]) == 50 * 4


@pytest.mark.parametrize(("rate", "played"), [(11_025, 16_000), (22_050, 24_000), (44_100, 48_000), (96_000, 48_000)])
def test_a_rate_that_no_call_has_is_resampled(tmp_path: Path, rate: int, played: int) -> None:
    recording(tmp_path / "a.wav", rate, rate * 2, 1)
    playback = open_playback(tmp_path / "a.wav")
    assert playback.rate == played
    assert abs(sum(map(len, playback.frames())) // 2 - 2 * played) <= 2


def test_addresses() -> None:
    settings = SessionSettings(frozenset({Policy.DATE}), sample_rate=8000)
    for url in ("ws://h:1", "ws://h:1/", "ws://h:1/v1/stream"):
        address, _, query = stream_address(url, settings).partition("?")
        assert address == "ws://h:1/v1/stream"
        assert parse_options(query) == settings
    assert stream_address("wss://h/behind/a/proxy", settings).startswith("wss://h/behind/a/proxy?")
    for url in ("h:1", "http://h", "ws://", "ws://h:99999", "ws://[::1"):
        with pytest.raises(OptionError, match="--url: "):
            stream_address(url, settings)


def caption(turn: int, revision: int, texts: list[str], final: bool) -> dict[str, object]:
    words = [{"text": text, "start_ms": 0, "end_ms": 1, "policy": "date" if "#" in text else None} for text in texts]
    return {
        "type": "caption",
        "turn": turn,
        "leg": turn % 2,
        "revision": revision,
        "start_ms": 1500,
        "end_ms": 1,
        "words": words,
        "final": final,
    }


@pytest.mark.parametrize("terminal", [False, True])
def test_captions_on_a_screen(terminal: bool) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal, width=60, highlight=False)
    with CaptionScreen(console, ("leg 0", "leg 1")) as screen:
        screen.show({"type": "begin"})
        screen.show({"type": "warning", "message": "mind the gap"})
        screen.show(caption(0, 1, ["on"], final=False))
        screen.show(caption(1, 1, ["never"], final=False))
        screen.show(caption(0, 2, ["on", "#####", "[x]"], final=True))
    text = shown.getvalue()
    assert "mind the gap" in text
    assert "never" in text, "a turn that never became final is shown too"
    if not terminal:
        assert "   1.50 s  leg 0: on ...\n" in text
        assert "   1.50 s  leg 0: on ##### [x]\n" in text
    else:
        assert "\x1b[30;43m#####" in text


def test_totals() -> None:
    shown = io.StringIO()
    statistics = {
        "audio_ms": 61_000,
        "redacted_ms": 1_500,
        "covered_late_ms": 0,
        "spans": {"date": 2},
        "added_delay_p50_ms": 2000.0,
        "added_delay_p99_ms": 2004.6,
    }
    Console(file=shown, width=80).print(statistics_table(statistics))
    for part in ("61.00 s", "1.50 s", "2 date", "2005 ms (99 %)"):
        assert part in shown.getvalue()


@pytest.mark.slow
def test_a_server_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDACTION_GATEWAY_ENGINE", "scripted")
    with running_server(tmp_path) as url, urllib.request.urlopen(url.replace("ws:", "http:") + "/healthz") as answer:
        assert answer.status == 200
    assert '"stopped"' in (tmp_path / "gateway.log").read_text()
