"""Everything but calls, over real HTTP."""

import asyncio
import json
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from gateway.errors import OptionError
from gateway.transports.http import MAX_BODY_BYTES
from gateway.transports.server import bind, check_certificate
from tests.transports.running import END, call, run, running

TEXT = {"text": "my name is Robert Smith", "policies": "all"}


def exchange(*requests: tuple[str, str, dict[str, object]]) -> list[httpx.Response]:
    """Send requests to one server."""

    async def scenario() -> list[httpx.Response]:
        async with running() as server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            return [await client.request(method, path, **options) for method, path, options in requests]

    return run(scenario())


def test_health_page_and_schema() -> None:
    health, page, schema = exchange(("GET", "/healthz", {}), ("GET", "/", {}), ("GET", "/openapi.json", {}))
    assert health.json()["status"] == "ok"
    assert "redaction-gateway --help" in page.text
    assert "/v1/redact" in schema.json()["paths"]


def test_readiness_follows_the_recogniser_and_the_shutdown() -> None:
    async def scenario() -> None:
        async with running() as server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            assert (await client.get("/readyz")).status_code == 200
            server.recognition.ready = False
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()["checks"]["recogniser"]) == (503, False)
            server.recognition.ready = True
            server.service.calls.draining = True
            assert (await client.get("/readyz")).status_code == 503

    run(scenario())


def test_metrics() -> None:
    (metrics,) = exchange(("GET", "/metrics", {}))
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    for name in (
        "calls_active",
        "calls_total",
        "audio_in_seconds_total",
        "redacted_seconds_total",
        "covered_late_seconds_total",
        "added_delay_seconds_bucket",
        "recognition_step_seconds_bucket",
        "recognition_steps_skipped_total",
        "worker_restarts_total",
        "event_loop_lag_seconds_bucket",
    ):
        assert f"gateway_{name}" in metrics.text


def test_text() -> None:
    hashed, named, listed = exchange(
        ("POST", "/v1/redact", {"json": TEXT}),
        ("POST", "/v1/redact", {"json": TEXT | {"sub": "entity_name"}}),
        ("POST", "/v1/redact", {"json": TEXT | {"policies": ["date"]}}),
    )
    assert hashed.json() == {
        "text": "my name is ###### #####",
        "spans": [{"start": 11, "end": 23, "policy": "person_name", "confidence": pytest.approx(1, abs=0.3)}],
    }
    assert "Robert" not in named.text
    assert "[PERSON_NAME]" in named.json()["text"]
    assert listed.json() == {"text": TEXT["text"], "spans": []}


def test_the_question_before_helps() -> None:
    asked, unasked = exchange(
        ("POST", "/v1/redact", {"json": {"text": "Marlowe", "prev": "what is your last name?", "policies": "all"}}),
        ("POST", "/v1/redact", {"json": {"text": "Marlowe", "policies": "all"}}),
    )
    assert asked.json()["text"] == "#######"
    assert unasked.status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"canary", 400, "not JSON"),
        (b"\xff\xfe", 400, "not JSON"),
        (b"[" * 90_000, 400, "not JSON"),
        (b'["canary"]', 400, "a JSON object is needed"),
        (b'{"policies":"all"}', 400, "text: a string is needed"),
        (b'{"text":["canary"],"policies":"all"}', 400, "text: a string is needed"),
        (b'{"text":"canary","prev":1,"policies":"all"}', 400, "prev: a string is needed"),
        (b'{"text":"canary"}', 400, "policies: choose at least one"),
        (b'{"text":"canary","policies":[]}', 400, "policies: choose at least one"),
        (b'{"text":"canary","policies":7}', 400, "policies: a list of names"),
        (b'{"text":"canary","policies":"nmae"}', 400, "allowed: all or "),
        (b'{"text":"canary","policies":"all","sub":"x"}', 400, "sub: not allowed; allowed: hash, entity_name"),
        (b'{"text":"canary","policies":"all","canary":1}', 400, "1 unknown field(s); allowed: text, prev"),
        (json.dumps({"text": "a" * 100_001, "policies": "all"}).encode(), 400, "at most 20000"),
        (b" " * (MAX_BODY_BYTES + 1), 413, "too big"),
    ],
)
def test_a_wrong_body_is_named_and_not_repeated(content: bytes, status: int, message: str) -> None:
    (answer,) = exchange(("POST", "/v1/redact", {"content": content}))
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]
    assert "canary" not in answer.text


def test_errors_of_routing_are_json_too() -> None:
    answers = exchange(("GET", "/nothing", {}), ("DELETE", "/healthz", {}), ("GET", "/v1/stream", {}))
    assert [(one.status_code, one.json()["error"]["code"]) for one in answers] == [
        (404, "not_found"),
        (405, "method_not_allowed"),
        (426, "upgrade_required"),
    ]
    assert answers[2].headers["upgrade"] == "websocket"


def _certificate(folder: Path) -> tuple[Path, Path]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )
    return cert, key


def test_tls_and_its_mistakes(tmp_path: Path) -> None:
    try:
        cert, key = _certificate(tmp_path)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    trusted = ssl.create_default_context(cafile=cert)
    audio = bytes(range(256)) * 20

    async def scenario() -> None:
        async with running(tls=(cert, key)) as server:
            query = "policies=all&pace=elastic&sample_rate=8000"
            ended = await call(server.url(query, "wss"), [audio, END], ssl=trusted)
            assert ended.audio == audio
            assert ended.code == 1000
            async with httpx.AsyncClient(verify=trusted) as client:
                answer = await client.get(f"https://127.0.0.1:{server.port}/healthz")
                assert answer.status_code == 200

    run(scenario())
    check_certificate(cert, key)
    with pytest.raises(OptionError, match="--tls-key: .*none.pem cannot be read: No such file"):
        check_certificate(cert, tmp_path / "none.pem")
    with pytest.raises(OptionError, match="are not a certificate and its key"):
        check_certificate(key, cert)


def test_addresses_that_cannot_be_had() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(OptionError, match="something else listens there; choose another --port"):
            bind("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(OptionError, match="cannot listen on 192.0.2.77 port 0: "):
        bind("192.0.2.77", 0)
    with pytest.raises(OptionError, match="--host: no.such.host.invalid is not an address"):
        bind("no.such.host.invalid", 0)


def test_many_text_requests_at_once() -> None:
    async def scenario() -> None:
        async with running() as server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            answers = await asyncio.gather(*(client.post("/v1/redact", json=TEXT) for _ in range(20)))
            assert {answer.json()["text"] for answer in answers} == {"my name is ###### #####"}

    run(scenario())
