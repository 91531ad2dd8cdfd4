"""A whole plateau: callers in a process of their own, against a gateway that sends everything straight back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from websockets.sync.server import ServerConnection, serve

from gateway.core.policy import parse_policies
from gateway.core.settings import SessionSettings
from loadtest.conversation import Library
from loadtest.devsets import SetName, load_sets
from loadtest.network import Network
from loadtest.plateau import Course, PlateauRun, running_callers
from loadtest.scenario import Scenario, Timetable, call_kinds


def _send_back(connection: ServerConnection) -> None:
    size = 0
    for message in connection:
        if isinstance(message, str):
            statistics = {"audio_ms": size // 16, "steps": 0, "overdue_ms": 0}
            connection.send(json.dumps({"type": "done", "statistics": statistics}))
            return
        size += len(message)
        connection.send(message)


@pytest.fixture
def gateway() -> Iterator[str]:
    with serve(_send_back, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_plateau_is_called_measured_and_scored(gateway: str) -> None:
    library = Library(load_sets([SetName.SAMPLE]))
    kinds = call_kinds(Scenario.TELEPHONE, SessionSettings(parse_policies("all"), lookahead_ms=500), Network())
    course = Course(gateway, None, "telephone", kinds, 0.45, 1)
    told: list[float] = []
    with running_callers(library.clips, 2, frozenset()) as callers:
        plateau = PlateauRun(course, library, callers, 4, Timetable(0.0, 5.6, 90.0, 0.2))
        figures = plateau.run(lambda done, state: told.append(done))
    row = figures.row()
    assert told == sorted(told)
    assert row["calls"] == {"ended": 2, "broken": 0, "faults": {}}
    assert row["legs_speaking"] == pytest.approx(4, abs=0.3)
    assert row["added_delay_ms"]["count"] == pytest.approx(2 * 275, abs=15)
    assert row["unreported_samples"] == 0
    assert row["leaks"]["leaked_share"] in (None, 1.0)
    assert row["series"]["delay"]
    assert row["server"] is None
