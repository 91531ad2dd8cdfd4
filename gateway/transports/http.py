"""The web application: health, metrics, text redaction, the page that says what this is, and the WebSocket's route.

Every error is JSON: {"error": {"code", "message"}}.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from gateway import __version__
from gateway.errors import BadMessage, GatewayError, InternalError, MessageTooBig
from gateway.observe.log import get_logger
from gateway.observe.metrics import CONTENT_TYPE
from gateway.observe.private import Private
from gateway.pii.text import redact_text
from gateway.transports.service import Service
from gateway.transports.websocket import error_response, handle_stream
from gateway.wire.own_terms import Defaults
from gateway.wire.texts import parse_text_request, text_answer

MAX_BODY_BYTES: Final = 1 << 20
STREAM_PATH: Final = "/v1/stream"

_CODES: Final = {404: "not_found", 405: "method_not_allowed", 426: "upgrade_required"}
_TEXT_REQUEST_SCHEMA: Final = {
    "type": "object",
    "required": ["text", "policies"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string"},
        "prev": {"type": "string", "description": "what the other party said just before"},
        "policies": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "sub": {"enum": ["hash", "entity_name"]},
        "strength": {"type": "string", "description": "strict, balanced or precise; for single policies: date:strict"},
        "deny": {
            "type": "object",
            "description": "terms that are always redacted, by label",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "allow": {"type": "array", "items": {"type": "string"}, "description": "terms that are never redacted"},
    },
}
_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Redaction gateway</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}code{background:#eee;
padding:.1em .3em}</style>
<h1>Redaction gateway</h1>
<p>A live call goes in; the same call comes out a fixed lookahead later, with what is personal covered in sound and
text.</p>
<ul>
<li><code>GET /v1/stream</code>: a call over a WebSocket, as described in <code>docs/websocket.md</code></li>
<li><code>POST /v1/redact</code>: text, as <code>{"text": "...", "policies": "all"}</code></li>
<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a>,
<a href="/openapi.json">/openapi.json</a></li>
</ul>
<p>On the command line: <code>redaction-gateway --help</code>. Version VERSION.</p>
</html>
""".replace("VERSION", __version__)


def create_application(service: Service) -> FastAPI:
    """The ASGI application that serves `service`."""
    # The interactive pages of FastAPI load scripts from elsewhere; the schema itself is served.
    app = FastAPI(title="Redaction gateway", version=__version__, docs_url=None, redoc_url=None)
    app.add_middleware(_RequestLog)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(Exception, _unknown_error)

    @app.get("/", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(_PAGE)

    @app.get("/healthz", summary="Whether the process lives")
    async def health() -> JSONResponse:
        return JSONResponse({"status": "ok", "version": __version__})

    @app.get("/readyz", summary="Whether a new call would be taken")
    async def readiness() -> JSONResponse:
        checks = {
            "recogniser": service.recognition.ready,
            "accepting": not service.calls.draining,
            "capacity": not service.calls.full,
        }
        content = {"status": "ready" if service.ready else "not_ready", "checks": checks}
        return JSONResponse(content, 200 if service.ready else 503)

    @app.get("/metrics", summary="Prometheus metrics")
    async def metrics() -> Response:
        return Response(service.metrics.render(), headers={"content-type": CONTENT_TYPE})

    # Calls come first: texts wait for each other, in one thread.
    one_text = asyncio.Semaphore(1)

    @app.post("/v1/redact", summary="Redact text", openapi_extra=_body_schema(_TEXT_REQUEST_SCHEMA))
    async def redact(request: Request) -> JSONResponse:
        body = Private(await _limited_body(request))
        async with one_text:
            return JSONResponse(await asyncio.to_thread(_redact, body, service.defaults))

    @app.get(STREAM_PATH, include_in_schema=False)
    async def stream_without_upgrade() -> JSONResponse:
        body = {"code": _CODES[426], "message": f"{STREAM_PATH} is a WebSocket: open it with a WebSocket client"}
        return JSONResponse({"error": body}, 426, {"upgrade": "websocket", "connection": "upgrade"})

    @app.websocket(STREAM_PATH)
    async def stream(websocket: WebSocket) -> None:
        await handle_stream(websocket, service)

    return app


def _redact(body: Private[bytes], defaults: Defaults) -> dict[str, str | list[dict[str, str | int | float]]]:
    try:
        given = json.loads(body.reveal())
    except (ValueError, RecursionError):
        raise BadMessage("the body is not JSON") from None
    wanted = parse_text_request(given, defaults)
    redacted = redact_text(wanted.text, wanted.detection, wanted.substitution, wanted.prev or "", wanted.strengths)
    return text_answer(redacted.text, [(span.start, span.end, span.policy, span.confidence) for span in redacted.spans])


async def _limited_body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise MessageTooBig(f"the body is too big; allowed: {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _body_schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def _gateway_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GatewayError)
    return error_response(error)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    body = {"code": _CODES.get(error.status_code, "http_error"), "message": error.detail}
    return JSONResponse({"error": body}, error.status_code, error.headers)


async def _unknown_error(request: Request, error: Exception) -> JSONResponse:
    return error_response(InternalError())


class _RequestLog:
    """One line for each HTTP request: the route, never the address as it was written."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_at = time.monotonic()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            get_logger().info(
                "http_request",
                method=scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "OPTIONS") else "other",
                route=getattr(scope.get("route"), "path", "none"),
                status=status,
                duration_ms=round((time.monotonic() - began_at) * 1000, 1),
            )
