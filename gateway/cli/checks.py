"""What `doctor` looks at."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module, metadata
from importlib.resources import as_file, files
from typing import Final

from gateway.errors import EngineError, GatewayError, OptionError

MIN_PYTHON: Final = (3, 11)
MIN_GLIBC: Final = (2, 34)
MIN_MEMORY_GIB: Final = 1.5
REINSTALL: Final = "pip install --force-reinstall redaction-gateway"
IMPORTS: Final = {
    "av": "av",
    "fastapi": "fastapi",
    "google-re2": "re2",
    "matplotlib": "matplotlib",
    "moonshine-voice": None,
    "numpy": "numpy",
    "onnx": "onnx",
    "onnxruntime": "onnxruntime",
    "platformdirs": "platformdirs",
    "pocketsphinx": None,
    "prometheus-client": "prometheus_client",
    "pydantic-settings": "pydantic_settings",
    "rich": "rich",
    "soxr": "soxr",
    "structlog": "structlog",
    "tokenizers": "tokenizers",
    "typer": "typer",
    "uvicorn": "uvicorn",
    "uvloop": "uvloop",
    "vosk": None,
    "websockets": "websockets",
}
"""Distribution to module; None: only looked for, since importing it loads a native library that is not always used."""
STAND_INS: Final = {"onnxruntime": "onnxruntime-gpu"}
"""Another distribution of the same module, which takes its place."""
SAMPLE: Final = "sample_call.wav"
SAMPLE_SECONDS: Final = 12


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    name: str
    state: State
    found: str
    mend: str = ""


def run_checks(host: str, port: int) -> Iterator[Check]:
    """Every check, one after the other; none of them raises."""
    yield check_python(sys.version_info[:2], platform.python_version())
    yield check_glibc(platform.libc_ver())
    for distribution, module in IMPORTS.items():
        yield check_distribution(distribution, module)
    yield check_machine()
    yield check_cache()
    yield check_port(host, port)
    yield _guarded("device", check_device)
    yield _guarded("speech model", check_model)


def check_python(version: tuple[int, ...], shown: str) -> Check:
    """Python itself."""
    state = State.OK if version >= MIN_PYTHON else State.FAIL
    return Check("Python", state, shown, "install Python 3.11 or newer and make a virtual environment with it")


def check_glibc(libc: tuple[str, str]) -> Check:
    """The speech model's wheel needs a certain C library."""
    name, version = libc
    mend = "the speech model needs glibc 2.34 or newer: Debian 12, Ubuntu 22.04, RHEL 9 or later"
    if name != "glibc":
        return Check("glibc", State.FAIL, name or platform.system(), mend)
    numbers = tuple(int(part) for part in version.split(".")[:2])
    return Check("glibc", State.OK if numbers >= MIN_GLIBC else State.FAIL, version, mend)


def check_distribution(distribution: str, module: str | None) -> Check:
    """A dependency: its version, and that it can be imported."""
    version = _version(distribution) or _version(STAND_INS.get(distribution, ""))
    if not version:
        return Check(distribution, State.FAIL, "not installed", REINSTALL)
    if module:
        try:
            import_module(module)
        except (ImportError, OSError) as error:
            return Check(distribution, State.FAIL, f"{version} cannot be imported ({type(error).__name__})", REINSTALL)
    return Check(distribution, State.OK, version)


def _version(distribution: str) -> str:
    """Nothing when it is not installed."""
    if not distribution:
        return ""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def check_machine() -> Check:
    """Cores and memory."""
    cores = len(os.sched_getaffinity(0))
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    enough = cores >= 2 and gib >= MIN_MEMORY_GIB
    mend = f"a live call wants 2 cores and {MIN_MEMORY_GIB} GiB; with less, audio may leave covered"
    return Check("machine", State.OK if enough else State.WARN, f"{cores} cores, {gib:.1f} GiB", mend)


def check_cache() -> Check:
    """Where the prepared model is kept."""
    from platformdirs import user_cache_path

    folder = user_cache_path("redaction-gateway")
    mend = f"make {folder} writable, or set XDG_CACHE_HOME to a directory that is"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Check("cache", State.OK, str(folder))
    except OSError as error:
        return Check("cache", State.FAIL, f"{folder}: {error.strerror}", mend)


def check_port(host: str, port: int) -> Check:
    """Whether the server could listen."""
    from gateway.transports.server import bind

    name = f"port {port}"
    try:
        bind(host, port).close()
    except OptionError as error:
        return Check(name, State.WARN, str(error), "end what listens there, or: redaction-gateway serve --port 8090")
    return Check(name, State.OK, f"free on {host}")


def check_device() -> Check:
    """Where the server's recogniser would run, by the settings of the environment."""
    from onnxruntime import get_available_providers

    from gateway.asr.moonshine.device import CUDA_PROVIDER, INSTALL
    from gateway.asr.registry import DEFAULT_ENGINE, find_device
    from gateway.config import load_settings

    wanted = load_settings({}).device
    try:
        device = find_device(DEFAULT_ENGINE, wanted)
    except EngineError as error:
        return Check("device", State.FAIL, str(error), "docs/gpu.md tells how to install it")
    if device == "cpu" and wanted == "auto" and CUDA_PROVIDER in get_available_providers():
        return Check("device", State.WARN, "cpu: onnxruntime has CUDA, but no GPU can be opened", INSTALL)
    return Check("device", State.OK, f"{device} ({wanted})")


def check_model() -> Check:
    """The models load, and words are heard in the bundled call."""
    from gateway.asr.registry import create_recognizer
    from gateway.config import load_settings
    from gateway.core.policy import DEFAULT_POLICIES
    from gateway.files.decode import read_media
    from gateway.files.redact import FileOptions
    from gateway.pii.combined import create_detector
    from gateway.runtime.offline import redact_pcm

    sample = files("gateway") / "data" / SAMPLE
    began_at = time.monotonic()
    recognizer = create_recognizer(device=load_settings({}).device)
    loaded_in = time.monotonic() - began_at
    with as_file(sample) as path:
        media = read_media(path)
        settings = FileOptions(DEFAULT_POLICIES).settings_for(media)
        blocks = media.blocks(block_ms=SAMPLE_SECONDS * 1000)
        audio = next(blocks)
    began_at = time.monotonic()
    result = redact_pcm(audio, settings, recognizer, create_detector(settings.detection))
    took = time.monotonic() - began_at
    words = sum(len(event.words) for event in result.events if hasattr(event, "words"))
    share = took / (len(audio) / media.rate)
    capabilities = recognizer.capabilities
    found = (
        f"{capabilities.engine} {capabilities.model} on {capabilities.device}, loaded in {loaded_in:.1f} s, "
        f"heard {words} words, {share:.2f} s of work per second of a call"
    )
    if not words:
        return Check("speech model", State.FAIL, found, REINSTALL)
    mend = "this machine is too slow for one live call with two legs; audio will leave covered"
    return Check("speech model", State.OK if share < 1 else State.WARN, found, mend)


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except GatewayError as error:
        return Check(name, State.FAIL, str(error), REINSTALL)
    except Exception as error:  # noqa: BLE001 - the finding of this check, told in the report
        from gateway.observe.log import place_of

        place = place_of(error)
        return Check(name, State.FAIL, f"{place['error_type']} at {place['error_where']}", REINSTALL)
