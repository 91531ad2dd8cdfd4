"""What `doctor` finds."""

from pathlib import Path

import pytest

from gateway.cli.checks import (
    IMPORTS,
    State,
    check_cache,
    check_device,
    check_distribution,
    check_glibc,
    check_machine,
    check_model,
    check_port,
    check_python,
)
from gateway.transports.server import bind


def test_python_and_glibc() -> None:
    assert check_python((3, 11), "3.11.7").state is State.OK
    assert check_python((3, 10), "3.10.1").state is State.FAIL
    assert check_glibc(("glibc", "2.34")).state is State.OK
    assert check_glibc(("glibc", "2.100")).state is State.OK
    assert check_glibc(("glibc", "2.31")).state is State.FAIL
    musl = check_glibc(("", ""))
    assert (musl.state, "2.34" in musl.mend) == (State.FAIL, True)


def test_dependencies() -> None:
    assert check_distribution("numpy", "numpy").state is State.OK
    missing = check_distribution("no-such-distribution", "x")
    assert (missing.state, missing.found) == (State.FAIL, "not installed")
    broken = check_distribution("numpy", "no_such_module")
    assert (broken.state, "ModuleNotFoundError" in broken.found) == (State.FAIL, True)
    assert {"onnxruntime", "websockets", "av"} <= set(IMPORTS)


def test_the_device_that_the_server_would_use(monkeypatch: pytest.MonkeyPatch) -> None:
    check = check_device()
    assert (check.state, check.found) == (State.OK, "cpu (auto)")
    monkeypatch.setenv("REDACTION_GATEWAY_DEVICE", "cuda")
    check = check_device()
    assert check.state is State.FAIL
    assert "onnxruntime-gpu" in check.found


def test_port_and_machine() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        check = check_port("127.0.0.1", taken.getsockname()[1])
    assert check.state is State.WARN
    assert "--port" in check.mend
    assert check_port("127.0.0.1", 0).state is State.OK
    assert "cores" in check_machine().found


def test_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert check_cache().state is State.OK
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    check = check_cache()
    assert check.state is State.FAIL
    assert "XDG_CACHE_HOME" in check.mend


@pytest.mark.slow
@pytest.mark.model
def test_the_model_hears_the_bundled_call() -> None:
    check = check_model()
    assert check.state in (State.OK, State.WARN)
    assert "heard" in check.found
