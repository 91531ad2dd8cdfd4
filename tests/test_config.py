"""Settings: where they come from, and every mistake in words."""

from pathlib import Path

import pytest

from gateway.config import Settings, load_settings
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
