"""Every error of the gateway, in one tree.

    GatewayError
    ├── PeerError                    the other side's mistake; its message is meant to be read by it
    │   ├── OptionError              an unknown or impossible option               HTTP 400
    │   ├── BadMessage               text that is not understood, odd bytes, ...   close 1007
    │   ├── PolicyViolation          too fast, ...                                 close 1008
    │   │   └── SlowReader           does not read what it asked for               close 1008
    │   └── MessageTooBig            a message above the limit                     close 1009
    ├── Unavailable                  no new calls now: full, ending, not ready     HTTP 503, close 1013
    ├── MediaError                   a file that cannot be used: missing, not audio, empty, truncated, corrupt
    └── InternalError                our mistake; a peer is told no details        HTTP 500, close 1011
        ├── EngineError              a recogniser failed or is not to be had
        ├── WorkerLost               the process that holds the recogniser is gone; legs go on covered
        └── Overloaded               a step would come much too late; its session asks again for newer audio

A message says what was wrong, what is allowed, and what to do. It never holds anything that was said in a call.
"""

from __future__ import annotations

from typing import ClassVar


class GatewayError(Exception):
    """The root. `code` is the stable name a program may test for."""

    code: ClassVar[str] = "error"
    close_code: ClassVar[int] = 1011
    http_status: ClassVar[int] = 500


class PeerError(GatewayError):
    """The other side's mistake."""

    http_status = 400


class OptionError(PeerError):
    """An unknown or impossible option; the message names the allowed ones."""

    code = "bad_option"
    close_code = 1008


class BadMessage(PeerError):
    """A message that does not fit the protocol."""

    code = "bad_message"
    close_code = 1007


class PolicyViolation(PeerError):
    """The peer does what the protocol forbids, such as sending too fast."""

    code = "policy_violation"
    close_code = 1008


class SlowReader(PolicyViolation):
    """The peer does not read what it asked for."""

    code = "slow_reader"


class MessageTooBig(PeerError):
    """A message above the limit."""

    code = "too_big"
    close_code = 1009
    http_status = 413


class Unavailable(GatewayError):
    """No new calls now; trying again after `retry_after_s` may help."""

    retry_after_s: ClassVar[int] = 5

    code = "unavailable"
    close_code = 1013
    http_status = 503


class MediaError(GatewayError):
    """A file that cannot be used."""

    code = "bad_media"
    close_code = 1007
    http_status = 422


class InternalError(GatewayError):
    """Our mistake."""

    code = "internal"


class EngineError(InternalError):
    """A recogniser failed or is not to be had."""

    code = "engine"


class WorkerLost(InternalError):
    """The process that holds the recogniser is gone."""

    code = "worker_lost"


class Overloaded(InternalError):
    """A step of recognition was not begun because its answer would have come much too late."""

    code = "overloaded"
