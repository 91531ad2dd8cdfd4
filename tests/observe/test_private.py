"""Private values do not show."""

import pickle
import resource
from dataclasses import dataclass

import pytest

from gateway.observe.private import Private, forbid_core_dumps


@dataclass
class Holder:
    text: Private[str]


def test_nothing_shows_it() -> None:
    secret = Private("canary")
    shown = [
        str(secret),
        repr(secret),
        f"{secret:>30}",
        "%s" % secret,  # noqa: UP031
        str([secret]),
        repr(Holder(secret)),
        str(ValueError(secret)),
        pickle.dumps(secret).decode("latin-1"),
        str(pickle.loads(pickle.dumps(secret)).reveal()),
    ]
    assert not [text for text in shown if "canary" in text]
    assert secret.reveal() == "canary"


def test_equal_only_to_itself() -> None:
    secret = Private("canary")
    assert secret == secret
    assert secret != Private("canary")
    with pytest.raises(AttributeError):
        secret.canary = 1  # type: ignore[attr-defined]


def test_a_crash_leaves_no_memory_in_a_file() -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        forbid_core_dumps()
        assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
