"""The order of a worker's tasks, in virtual time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.workers.scheduler import LONGEST_BATCH_S, STARVED_S, TOO_LATE_S, Kind, Scheduler, Task

MOST = {Kind.RECOGNITION: 4, Kind.DETECTION: 1}


def task(number: int, due: float, kind: Kind = Kind.RECOGNITION, size: int = 1) -> Task:
    return Task(number, f"session {number}", kind, size, due)


def learned(recognition_s: float, detection_s: float = 0.005) -> Scheduler:
    """A scheduler that knows what a leg takes."""
    scheduler = Scheduler(MOST)
    for _ in range(200):
        scheduler.took([task(0, 0.0)], recognition_s, 0.0)
        scheduler.took([task(0, 0.0, Kind.DETECTION)], detection_s, 0.0)
    return scheduler


@dataclass
class Ran:
    """When each task ended, and which were declined when."""

    ended: dict[int, float]
    declined: dict[int, float]


def run(scheduler: Scheduler, arrivals: list[tuple[float, Task]], cost: dict[Kind, float]) -> Ran:
    """Work in virtual time; a batch takes as long as its tasks one by one."""
    waiting = sorted(arrivals, key=lambda arrival: (arrival[0], arrival[1].number))
    ran = Ran({}, {})
    now = 0.0
    while waiting or len(scheduler):
        while waiting and waiting[0][0] <= now:
            scheduler.submit(waiting.pop(0)[1])
        ran.declined |= {one.number: now for one in scheduler.decline(now)}
        batch = scheduler.take(now)
        if not batch:
            if waiting:
                now = waiting[0][0]
            continue
        now += sum(cost[one.kind] * one.size for one in batch)
        ran.ended |= {one.number: now for one in batch}
    return ran


dues = st.floats(0.0, 3.0)
kinds = st.sampled_from(list(Kind))


@given(st.lists(st.tuples(dues, kinds, st.integers(1, 2)), min_size=1, max_size=30))
def test_no_feasible_deadline_is_missed(rows):
    """Of tasks that wait together, all are on time whenever any order could do it."""
    cost = {Kind.RECOGNITION: 0.03, Kind.DETECTION: 0.005}
    tasks = [task(number, due, kind, size) for number, (due, kind, size) in enumerate(rows)]
    now, feasible = 0.0, True
    for one in sorted(tasks, key=lambda one: one.due):
        now += cost[one.kind] * one.size
        feasible = feasible and now <= one.due - 1e-6
    ran = run(learned(0.03), [(0.0, one) for one in tasks], cost)
    if feasible:
        assert all(ran.ended[one.number] <= one.due for one in tasks)


@given(st.lists(st.tuples(st.floats(0.0, 5.0), st.floats(0.0, 0.5), kinds), min_size=1, max_size=60))
def test_every_task_is_settled_soon_and_no_late_one_is_worked_on(rows):
    """However overloaded: a task is done or declined before it is much too late."""
    cost = {Kind.RECOGNITION: 0.2, Kind.DETECTION: 0.05}
    arrivals = [(at, task(number, at + ahead, kind)) for number, (at, ahead, kind) in enumerate(rows)]
    ran = run(learned(0.2, 0.05), arrivals, cost)
    assert ran.ended.keys() | ran.declined.keys() == {one.number for _, one in arrivals}
    assert not ran.ended.keys() & ran.declined.keys()
    detections = sum(cost[one.kind] for _, one in arrivals if one.kind is Kind.DETECTION)
    for _, one in arrivals:
        if one.kind is Kind.RECOGNITION and one.number in ran.ended:
            assert ran.ended[one.number] <= one.due + TOO_LATE_S + 1e-6
        elif one.kind is Kind.DETECTION:
            assert ran.ended[one.number] <= one.due + cost[Kind.RECOGNITION] + detections + 1e-6


@given(st.integers(2, 12), st.floats(0.05, 0.5), st.integers(0, 10_000))
def test_no_session_starves_however_many_there_are(sessions, seconds, seed):
    """Sessions that ask again whenever they were declined or answered all get an answer now and then."""
    scheduler = learned(seconds)
    chance = random.Random(seed)
    now, numbers = 0.0, count()
    answered = dict.fromkeys(range(sessions), 0.0)
    asks = {session: chance.random() for session in range(sessions)}
    longest = 0.0
    while now < 60.0:
        for session, at in list(asks.items()):
            if at <= now:
                del asks[session]
                scheduler.submit(Task(next(numbers), str(session), Kind.RECOGNITION, 1, now + 0.36))
        for one in scheduler.decline(now):
            asks[int(one.session)] = now + 0.3
        batch = scheduler.take(now)
        now += sum(seconds for _ in batch) or 0.01
        for one in batch:
            longest = max(longest, now - answered[int(one.session)])
            answered[int(one.session)] = now
            asks[int(one.session)] = now + 0.6
    assert longest <= STARVED_S + 3.0 + sessions * seconds


@given(st.lists(st.tuples(dues, st.integers(1, 2)), min_size=1, max_size=20), st.floats(0.001, 0.2))
def test_batches_are_bounded_and_of_one_kind(rows, seconds):
    scheduler = learned(seconds)
    for number, (due, size) in enumerate(rows):
        scheduler.submit(task(number, due, Kind.DETECTION if number % 3 == 0 else Kind.RECOGNITION, size))
    seen = 0
    while batch := scheduler.take(1.0):
        seen += len(batch)
        assert len({one.kind for one in batch}) == 1
        if len(batch) > 1:
            assert sum(one.size for one in batch) <= MOST[batch[0].kind]
            assert sum(scheduler.expected(one) for one in batch) <= LONGEST_BATCH_S
    assert seen == len(rows)


def test_legs_that_wait_together_are_heard_together():
    scheduler = learned(0.02)
    for number in range(6):
        scheduler.submit(task(number, due=2.0 + number))
    assert [[one.number for one in scheduler.take(0.0)] for _ in range(2)] == [[0, 1, 2, 3], [4, 5]]


def test_a_suspect_shares_no_batch():
    scheduler = learned(0.02)
    for number in range(4):
        scheduler.submit(Task(number, str(number), Kind.RECOGNITION, 1, 2.0 + number, alone=number in (0, 2)))
    assert [[one.number for one in scheduler.take(0.0)] for _ in range(3)] == [[0], [1, 3], [2]]


def test_a_batch_is_no_larger_than_its_most_urgent_task_has_time_for():
    scheduler = learned(0.03)
    for number, due in enumerate((0.04, 2.0, 3.0)):
        scheduler.submit(task(number, due))
    assert [one.number for one in scheduler.take(0.0)] == [0]
    assert [one.number for one in scheduler.take(0.03)] == [1, 2]


def test_what_would_come_much_too_late_is_declined_unless_it_starves():
    scheduler = learned(0.03)
    scheduler.submit(task(0, due=1.0 - TOO_LATE_S))
    scheduler.submit(task(1, due=1.0))
    scheduler.submit(task(2, due=0.5, kind=Kind.DETECTION))
    assert [one.number for one in scheduler.decline(1.0)] == [0]
    assert [one.number for one in scheduler.take(1.0)] == [2]
    assert [one.number for one in scheduler.take(1.0)] == [1]
    scheduler.submit(Task(3, "session 0", Kind.RECOGNITION, 1, due=1.0))
    assert [one.number for one in scheduler.decline(1.0 + STARVED_S - 0.1)] == [3]
    scheduler.submit(Task(4, "session 0", Kind.RECOGNITION, 1, due=1.0))
    scheduler.submit(task(5, due=4.0))
    assert scheduler.decline(1.0 + STARVED_S) == []
    assert scheduler.take(1.0 + STARVED_S)[0].number == 4


def test_what_nobody_listens_to_gets_its_share_and_no_more():
    """Files that wait for ever beside a worker that live calls would keep busy."""
    scheduler = learned(0.03)
    now, numbers, done, waiting = 0.0, count(), {True: 0.0, False: 0.0}, {True: 0, False: 0}
    while now < 60.0:
        while waiting[True] < 6:
            number = next(numbers)
            live = waiting[False] >= 6
            scheduler.submit(Task(number, str(number), Kind.RECOGNITION, 1, now + 0.36 if live else now, live=live))
            waiting[live] += 1
        waiting[True] -= len(scheduler.decline(now))
        batch = scheduler.take(now)
        waiting[batch[0].live] -= len(batch)
        assert len({one.live for one in batch}) == 1
        seconds = 0.03 * len(batch)
        now += seconds
        scheduler.took(batch, seconds, now)
        done[batch[0].live] += seconds
    assert 0.02 < done[False] / now < 0.2


def test_a_stall_of_the_machine_is_no_reason_to_refuse_what_comes_next():
    scheduler = learned(0.03)
    scheduler.took([task(0, 0.0)], 5.0, 5.0)
    scheduler.submit(Task(1, "a", Kind.RECOGNITION, 2, due=10.36))
    assert scheduler.decline(10.0) == []


def test_what_nobody_listens_to_is_never_declined():
    scheduler = learned(0.03)
    scheduler.submit(Task(0, "a file", Kind.RECOGNITION, 1, due=1.0, live=False))
    assert scheduler.decline(100.0) == []
    assert [one.number for one in scheduler.take(100.0)] == [0]


def test_a_session_waits_for_one_thing_at_a_time():
    scheduler = Scheduler(MOST)
    scheduler.submit(task(0, due=1.0))
    with pytest.raises(ValueError, match="one task"):
        scheduler.submit(task(0, due=2.0))
    assert scheduler.drop("session 0") is not None
    assert scheduler.drop("session 0") is None
    assert not len(scheduler)
    assert scheduler.take(0.0) == []
