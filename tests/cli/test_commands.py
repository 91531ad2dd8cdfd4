"""The commands, as a user meets them."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
import structlog

from gateway.cli import serve
from gateway.cli.main import main
from gateway.core.policy import Policy
from gateway.files.wavwriter import writing_wav
from gateway.media.mask import Masking
from gateway.observe.log import LogFormat, LogLevel
from gateway.transports.server import bind


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ran]]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*arguments: object, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["redaction-gateway", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        code = end.value.code
        return Ran(code if isinstance(code, int) else 0, captured.out, captured.err)

    yield ran
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def tone(path: Path, seconds: float = 1.0, channels: int = 2, rate: int = 8000) -> Path:
    wave = (np.sin(np.arange(int(seconds * rate)) / 5) * 9000).astype(np.int16)
    with writing_wav(path, rate, channels) as wav:
        wav.write(np.stack([wave] * channels, axis=1))
    return path


COMMANDS = ["serve", "redact", "call", "redact-text", "verify", "policies", "doctor", "demo"]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_by_example(command: Callable[..., Ran], name: str) -> None:
    ran = command(name, "--help")
    assert ran.code == 0
    assert f"redaction-gateway {name}" in ran.out


def test_help_names_every_command_and_policy(command: Callable[..., Ran]) -> None:
    ran = command("--help")
    assert all(name in ran.out for name in COMMANDS)
    text = "".join(command("redact", "--help").out.replace("│", "").split())
    assert not [policy for policy in Policy if policy.value not in text]
    assert command("--version").out.startswith("redaction-gateway 0.")


def test_help_does_not_load_what_it_does_not_need() -> None:
    code = (
        "import sys, gateway.cli.main; heavy = {'numpy', 'av', 'fastapi', 'onnxruntime', 'matplotlib', 'uvicorn'};"
        "sys.exit(', '.join(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stderr == "\n" or ran.stderr == ""


def test_choices_are_those_of_the_code() -> None:
    hints = get_type_hints(serve.serve)
    assert set(get_args(get_args(hints["log_level"])[0])) == set(LogLevel)
    assert set(get_args(get_args(hints["log_format"])[0])) == set(LogFormat)
    from gateway.cli.redact import redact

    assert set(get_args(get_type_hints(redact)["audio"])) == set(Masking)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "No such command"),
        (["redact"], "Missing argument"),
        (["redact", "a.wav", "-o", "out"], "--policies: choose at least one of"),
        (["redact", "a.wav", "-o", "out", "-p", "names"], "there is no policy 'names'; allowed: all or"),
        (["redact", "a.wav", "-o", "out", "-p", "all", "--lookahead", "1"], "allowed: 500 to 10000 ms"),
        (["redact", "a.wav", "-o", "out", "-p", "all", "--audio", "beep"], "'tone', 'silence', 'noise'"),
        (["redact", "a.wav", "b/a.mp3", "-o", "out", "-p", "all"], "would both be written to"),
        (["redact-text"], "--policies: choose at least one of"),
        (
            ["redact-text", "-p", "all", "--strength", "mild"],
            "--strength: 'mild' is not allowed; allowed: strict, bala",
        ),
        (["redact-text", "-p", "all", "--strength", "badge:strict"], "--strength: there is no policy 'badge'; allowed"),
        (["redact-text", "-p", "all", "--deny", "heron"], "--deny: a label is needed before the term: deny LABEL=term"),
        (["redact-text", "-p", "all", "--deny", "A=re:("], "--deny: A: term 1: a pattern is not a regular expression"),
        (["redact-text", "-p", "all", "--allow", "?"], "--allow: term 1 has no letter and no digit"),
        (["redact-text", "-p", "all", "--deny-file", "no.txt"], "no.txt: cannot be read: No such file"),
        (["redact-text", "-p", "all", "--custom-policies", "no.toml"], "no.toml: cannot be read: No such file"),
        (["call", "a.wav", "--url", "ws://h", "--allow-file", "no.txt"], "no.txt: cannot be read: No such file"),
        (["serve", "--engine", "scripted", "--port", "0", "--strength", "mild"], "strength: 'mild' is not allowed"),
        (["serve", "--engine", "scripted", "--port", "0", "--deny-file", "no.txt"], "no.txt: cannot be read"),
        (["serve", "--port", "99999"], "port: Input should be less than or equal to 65535"),
        (["serve", "--tls-cert", "x.pem"], "tls_cert and tls_key: give both or none"),
        (["serve", "--tls-cert", "x.pem", "--tls-key", "y.pem"], "--tls-cert: x.pem cannot be read"),
        (["serve", "--engine", "magic"], "engine: allowed: moonshine, pocketsphinx, scripted"),
        (["serve", "--config", "none.toml"], "--config: none.toml cannot be read: No such file"),
    ],
)
def test_wrong_usage_is_2(
    command: Callable[..., Ran],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command(*arguments)
    assert ran.code == 2
    assert message in " ".join(ran.err.replace("│", "").split())


def test_serve_on_a_taken_port(command: Callable[..., Ran]) -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        ran = command("serve", "--engine", "scripted", "--port", taken.getsockname()[1])
    assert ran.code == 2
    assert "something else listens there; choose another --port" in ran.err


TOML = """
[[policy]]
name = "badge"
cues = ["badge", "badge number"]
value = "alphanumeric 3-6"
"""


def test_text_with_terms_and_policies_of_ones_own(command: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(TOML)
    (tmp_path / "deny.txt").write_text("# projects\n\nPROJECT=blue heron\n")
    (tmp_path / "allow.txt").write_text("Robert\n")
    own = ["--custom-policies", tmp_path / "own.toml"]
    lines = ["Robert runs the Blue-Heron", "my badge number is a four four two", "call us on 5550199"]
    lines.append('{"text": "call Acme on 5550199", "allow": ["555-0199"], "deny": {"FIRM": ["acme"]}}')
    ran = command(
        *[
            "redact-text",
            "-p",
            "badge,person_name,number_sequence",
            *own,
            "--sub",
            "entity_name",
            "--strength",
            "strict",
        ],
        *["--deny-file", tmp_path / "deny.txt", "--allow-file", tmp_path / "allow.txt", "--deny", "PROJECT=red fox"],
        stdin="\n".join(lines) + "\n",
    )
    assert (ran.code, ran.err) == (0, "")
    assert [json.loads(line)["text"] for line in ran.out.splitlines()] == [
        "Robert runs the [PROJECT]",
        "my badge number is [BADGE] [BADGE] [BADGE] [BADGE]",
        "call us on [NUMBER_SEQUENCE]",
        "call [FIRM] on 5550199",
    ]
    listed = command("policies", *own).out.splitlines()
    assert any(line.split()[:2] == ["*", "phone_number"] for line in listed)
    assert listed[-1].split() == ["*", "badge"]


def test_text_plain_and_json(command: Callable[..., Ran]) -> None:
    lines = [
        "my name is Robert Smith",
        '{"text": "my name is Robert Smith", "sub": "entity_name"}',
        "",
        '{"text": "Marlowe", "prev": "what is your last name?"}',
    ]
    ran = command("redact-text", "--policies", "all", stdin="\n".join(lines) + "\n")
    assert ran.code == 0
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert answers[0]["text"] == "my name is ###### #####"
    assert answers[0]["spans"] == [
        {"start": 11, "end": 23, "policy": "person_name", "confidence": pytest.approx(1, abs=0.3)}
    ]
    assert "[PERSON_NAME]" in answers[1]["text"]
    assert answers[2] == {"text": "", "spans": []}
    assert answers[3]["text"] == "#######"


def test_a_wrong_line_is_told_by_its_number(command: Callable[..., Ran], tmp_path: Path) -> None:
    turns = tmp_path / "turns.jsonl"
    turns.write_bytes(b'{"text": "hello"}\r\n{"text": canary}\n{"canary": 1}\nbye\n')
    ran = command("redact-text", "--policies", "all", turns)
    assert ran.code == 1
    assert [json.loads(line)["text"] for line in ran.out.splitlines()] == ["hello", "bye"]
    assert f"{turns} line 2: starts with {{ but is not JSON" in ran.err
    assert "line 3: 1 unknown field(s)" in ran.err
    assert "canary" not in ran.err
    ran = command("redact-text", "--policies", "all", tmp_path / "none.jsonl")
    assert ran.code == 1
    assert "cannot be read: No such file" in ran.err


def test_files_some_of_which_fail(command: Callable[..., Ran], tmp_path: Path) -> None:
    good = tone(tmp_path / "good.wav")
    empty = tmp_path / "empty.wav"
    empty.touch()
    text = tmp_path / "text.wav"
    text.write_text("this is not audio\n" * 100)
    arguments = ["redact", good, empty, text, tmp_path / "none.wav", "-o", tmp_path / "out"]
    ran = command(*arguments, "-p", "all", "--engine", "scripted")
    assert ran.code == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["good.json", "good.wav"]
    assert "1 of 4 files done" in ran.err
    assert ran.err.count("failed: ") == 3
    assert "empty.wav" in ran.err
    ran = command("redact", good, "-o", tmp_path / "out", "-p", "all", "--engine", "scripted")
    assert ran.code == 0


def test_calls_that_cannot_be_made(command: Callable[..., Ran], tmp_path: Path) -> None:
    source = tone(tmp_path / "call.wav", 0.1)
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    for url, code, message in (
        (f"ws://127.0.0.1:{port}", 1, "start a gateway with: redaction-gateway serve"),
        ("http://127.0.0.1", 2, "is not the address of a gateway"),
        ("ws://:x", 2, "is not the address of a gateway"),
    ):
        ran = command("call", source, "--url", url)
        assert (ran.code, message in ran.err) == (code, True), ran.err
    ran = command("call", tmp_path / "none.wav", "--url", "ws://127.0.0.1:1")
    assert ran.code == 1
    assert "none.wav" in ran.err
    ran = command("call", source, "--url", "wss://127.0.0.1:1", "--ca", source)
    assert ran.code == 2
    assert "--ca:" in ran.err
    six = tone(tmp_path / "six.wav", 0.1, channels=6)
    assert "has 6 channels; a call has 1 or 2" in command("call", six, "--url", "ws://127.0.0.1:1").err


def test_an_unexpected_error_is_one_line(command: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.redact_text.chosen_detection", lambda *given: 1 / 0)
    ran = command("redact-text", "--policies", "all")
    assert ran.code == 1
    assert ran.err.startswith("redaction-gateway: unexpected ZeroDivisionError at ")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.slow
def test_output_that_nobody_reads_is_quiet() -> None:
    shell = f"yes 'my name is Robert' | head -20000 | {sys.executable} -m gateway redact-text -p all | head -1"
    ran = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert "Robert" not in ran.stdout
    assert ran.stderr == ""


@pytest.mark.slow
def test_a_server_that_cannot_start_says_so_and_ends() -> None:
    """With all its processes: nothing is left that waits for somebody."""
    program = Path(sys.executable).with_name("redaction-gateway")
    command = [program, "serve", "--engine", "scripted", "--port", "0", "--deny-file", "no.txt"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "no.txt: cannot be read" in done.stderr


@pytest.mark.slow
def test_a_server_from_start_to_sigterm(tmp_path: Path) -> None:
    arguments = ["serve", "--engine", "scripted", "--port", "0", "--log-format", "json"]
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[2].replace("http", "ws")
        source = tone(tmp_path / "call.wav", 0.5, channels=1, rate=44100)
        call = ["call", str(source), "--url", url, "-o", str(tmp_path / "out"), "--lookahead", "500"]
        ran = subprocess.run([sys.executable, "-m", "gateway", *call], capture_output=True, text=True, check=False)
        server.terminate()
        _, log = server.communicate(timeout=20)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "added delay" in ran.stdout
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".wav", ".json", ".txt", ".srt", ".vtt", ".png"}
    assert server.returncode == 0
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events == ["starting", "capacity", "listening", "call_began", "call_ended", "draining", "stopped"]
    assert "dropped" not in log
