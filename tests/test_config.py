"""Settings: where they come from, and every mistake in words."""

from pathlib import Path

import pytest

from gateway.config import Settings, load_defaults, load_settings
from gateway.core.strength import Strength, Strengths
from gateway.core.terms import Terms
from gateway.errors import OptionError
from gateway.observe.log import LogLevel


def test_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('port = 1\nhost = "10.0.0.1"\nlog_level = "error"\n')
    monkeypatch.setenv("REDACTION_GATEWAY_PORT", "2")
    monkeypatch.setenv("REDACTION_GATEWAY_HOST", "10.0.0.2")
    settings = load_settings({"port": 3, "engine": None}, file)
    assert (settings.port, settings.host, settings.log_level) == (3, "10.0.0.2", LogLevel.ERROR)
    assert settings.max_calls == Settings().max_calls
    assert not settings.tls


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("prot = 1", "prot: there is no such setting; allowed: host, port"),
        ("port = 'x'", "port: Input should be a valid integer"),
        ("max_calls = 0", "max_calls: Input should be greater than or equal to 1"),
        ("log_level = 'loud'", "log_level: Input should be 'debug', 'info', 'warning' or 'error'"),
        ("tls_key = 'key.pem'", "tls_cert and tls_key: give both or none"),
        ("engine = 'magic'", "engine: allowed: moonshine, pocketsphinx, scripted"),
        ("device = 'tpu'", "device: Input should be 'auto', 'cpu' or 'cuda'"),
        ("engine = 'scripted'\ndevice = 'cuda'", "device: the engine 'scripted' runs on the processor only"),
        ("workers = 'many'", "workers: allowed: auto, 1 to 256"),
        ("workers = 0", "workers: allowed: auto, 1 to 256"),
        ("port = ", "is not TOML"),
        ("\xff", "is not TOML"),
    ],
)
def test_mistakes(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "gateway.toml"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(OptionError, match=message) as caught:
        load_settings({}, file)
    assert "\n" not in str(caught.value)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDACTION_GATEWAY_PORT", "eighty")
    with pytest.raises(OptionError, match="port: Input should be a valid integer"):
        load_settings({})


def test_what_is_given_to_every_session_is_read_from_files(tmp_path: Path) -> None:
    own, deny, allow = tmp_path / "own.toml", tmp_path / "deny.txt", tmp_path / "allow.txt"
    own.write_text("[[policy]]\nname = 'badge'\ncues = ['badge']\nvalue = 'digits 4'\n")
    deny.write_text("# names\n\nPROJECT = blue heron\nPROJECT=red fox\nFIRM=a=b\n")
    allow.write_text("Acme\nre:order \\d+\n")
    files = {"custom_policies": own, "deny_file": deny, "allow_file": allow}
    defaults = load_defaults(load_settings(files | {"strength": "strict,badge:precise,FIRM:balanced"}))
    assert [policy.name for policy in defaults.custom] == ["badge"]
    assert defaults.terms == Terms.of(
        {"PROJECT": ["blue heron", "red fox"], "FIRM": ["a=b"]}, ["Acme", "re:order \\d+"]
    )
    assert defaults.strengths == Strengths(Strength.STRICT, {"badge": Strength.PRECISE, "FIRM": Strength.BALANCED})
    assert load_defaults(Settings()).strengths == Strengths()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("custom_policies", b"[[policy]]\nname = 'date'", "own, line 1: name: date is the name of a built-in"),
        ("deny_file", b"blue heron", "own: deny: a label is needed before the term: deny LABEL=term"),
        ("deny_file", b"P=(\n", "own: deny: P: term 1 has no letter"),
        ("allow_file", b"re:(\n", "own: allow: term 1: a pattern is not a regular expression"),
        ("allow_file", b"\xff", "own: is not UTF-8 text"),
    ],
)
def test_mistakes_in_these_files_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / "own").write_bytes(content)
    with pytest.raises(OptionError, match=message):
        load_defaults(load_settings({name: tmp_path / "own"}))


def test_a_strength_of_a_policy_that_is_not_there() -> None:
    with pytest.raises(OptionError, match="strength: there is no policy 'badge'; allowed: medical_process"):
        load_defaults(load_settings({"strength": "badge:strict"}))
