"""One call (or file) on its way through the gateway: the only class of the core that a driver sees.

Theory of operation. One input (`receive_*`, `handle_timer`), then every output (`next_output` until None), then the
timer is armed anew (`get_timer`). Nothing here reads a clock or does I/O; `now` is in monotonic seconds.

A step has two halves: the audio is recognised (`RecognitionRequested`), then what was said is looked at for personal
information (`DetectionRequested`). One of the two is outstanding at a time.

All legs of a session share one timeline. Watermarks, each at most the one before it:

    received_until    audio has come in
    heard_until       the recogniser has answered for it
    decided_until     it is covered or clear, for good (`core/timing.py` says when)
    released_until    it has left

`heard_until` moves on fixed media times, and `decided_until` only with it, so a live call and a file get the same
decisions, as long as answers come early enough that no step is put off (`core/timing.py`). In a live session
`released_until` follows the clock instead: a deadline that finds audio undecided decides it at once: covered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import count

from gateway.core.captions import LegCaptions
from gateway.core.decisions import LegDecisions
from gateway.core.delayline import DelayLine
from gateway.core.detection import Detection, OpenCandidate, Utterance
from gateway.core.events import (
    AudioReleased,
    DetectionRequested,
    Output,
    RecognitionRequested,
    SessionEnded,
    Statistics,
    Warned,
)
from gateway.core.hypothesis import Hypothesis
from gateway.core.marks import marks_of, open_span
from gateway.core.playout import Playout
from gateway.core.release import released_bytes
from gateway.core.settings import Pace, SessionSettings
from gateway.core.transcript import LegTranscript
from gateway.errors import MessageTooBig
from gateway.media.timeline import MediaTime, Span, SpanSet, samples_of

MAX_LIVE_FRAME_MS = 5_000
"""A live peer sends audio as it is spoken: no more than this at once."""
HISTORY_MS = 1_000
"""Audio and decisions are kept so long after they were used: padding looks at what came just before."""
HEARD_AGAIN_MS = 500
"""New streams begin so long before what is not stable: in the middle of a word they would not understand it."""
MAX_ATTEMPTS = 3
"""How often the same audio is given to the recogniser when its answers get lost."""
PAUSE_ABOVE_MS = 6_000
RESUME_BELOW_MS = 3_000
"""The two water marks of an elastic session: held media beyond the lookahead."""


class _Leg:
    """The state of one direction."""

    def __init__(self, number: int, settings: SessionSettings, turns: count[int]) -> None:
        rate = settings.sample_rate
        self.line = DelayLine(settings.encoding)
        self.transcript = LegTranscript(rate)
        self.decisions = LegDecisions(number)
        self.captions = LegCaptions(number, rate, settings.substitution, settings.captions, turns)


class Session:
    """See the module's text."""

    def __init__(self, settings: SessionSettings, *, relaxes: bool = True) -> None:
        """`relaxes`: whether steps may be put off under load; recorded steps cannot be."""
        self.settings = settings
        self._relaxes = relaxes
        self._rate = settings.sample_rate
        turns = count()
        self._legs = [_Leg(number, settings, turns) for number in range(settings.channels)]
        self._playout = Playout(self._rate, settings.lookahead_ms) if settings.pace is Pace.REALTIME else None
        self._timing = settings.timing
        self._step = samples_of(self._timing.step, self._rate)
        self._relaxed = False
        self._wanted_by: float | None = None
        self._outputs: deque[Output] = deque()
        self._received_until: MediaTime = 0
        self._requested_until: MediaTime = 0
        self._heard_again_until: MediaTime = 0
        self._heard_until: MediaTime = 0
        self._released_until: MediaTime = 0
        self._outstanding = False
        self._fresh = True
        self._asked_from: MediaTime = 0
        self._asked_fresh = True
        self._not_before: MediaTime = 0
        self._ending = False
        self._final_requested = False
        self._ended = False
        self._paused = False
        self._steps = self._skipped = self._relaxations = self._lost = self._attempts = 0

    # Inputs

    def receive_audio(self, frames: Sequence[bytes], now: float) -> None:
        """Wire bytes of every leg, equally long. Nothing is kept when it raises.

        Raises PolicyViolation when a live peer sends too far ahead of real time, MessageTooBig when it sends more
        than `MAX_LIVE_FRAME_MS` at once, ValueError for unequal or torn frames, RuntimeError after the end.
        """
        if self._ending:
            raise RuntimeError("audio came after the end of the session")
        if len(frames) != len(self._legs) or len({len(frame) for frame in frames}) != 1:
            raise ValueError(f"a session of {len(self._legs)} legs takes as many equally long frames")
        if len(frames[0]) % self.settings.encoding.bytes_per_sample:
            raise ValueError("a frame ends within a sample")
        if not frames[0]:
            return
        if self._playout:
            if len(frames[0]) > samples_of(MAX_LIVE_FRAME_MS, self._rate) * self.settings.encoding.bytes_per_sample:
                raise MessageTooBig(
                    f"a message of live audio holds at most {MAX_LIVE_FRAME_MS} ms; "
                    "send it as it is spoken, or open the stream with pace=elastic"
                )
            stalls = self._playout.stalls
            self._playout.receive(self._received_until, now)
            if self._playout.stalls > stalls:
                self._outputs.append(Warned("stalled", "audio stopped coming in for a while"))
        for leg, frame in zip(self._legs, frames, strict=True):
            leg.line.append(frame)
        self._received_until = self._legs[0].line.held.end
        self._request_recognition(now)
        self._update_paused()

    def receive_end(self, now: float) -> None:
        """No more audio comes in. What was received still leaves; `SessionEnded` is the last output."""
        if self._ending:
            return
        self._ending = True
        self._request_recognition(now)
        self._finish_when_done()

    def receive_hypotheses(self, hypotheses: Sequence[Hypothesis], now: float) -> None:
        """The answer to the outstanding request, one for each leg, on the timeline of the session."""
        for leg, hypothesis in zip(self._legs, hypotheses, strict=True):
            leg.transcript.receive(hypothesis)
        self._steps += 1
        self._outputs.append(DetectionRequested(tuple(self._utterance(leg) for leg in self._legs), self._wanted_by))

    def receive_detections(self, detections: Sequence[Detection], now: float) -> None:
        """The answer to the outstanding `DetectionRequested`, one for each leg, of the settings' policies only."""
        if self._requested_until > self._heard_again_until:
            self._attempts = 0
        due = self._due()
        if self._relaxes and due is not None:
            # Two relaxed steps are three others: after one the session is off its grid, and a short step would follow.
            off_grid = self._requested_until % self._step == self._step // 2
            self._relaxed = off_grid or due - now < self._timing.relax_below / 1000
        self._heard(detections, now)

    def receive_recognition_lost(self, now: float) -> None:
        """The outstanding request will never be answered, and the streams are gone.

        New streams hear again whatever is not stable yet; audio whose recognition was lost `MAX_ATTEMPTS` times running
        is given up.
        """
        self._fresh, self._relaxed = True, False
        self._lost += 1
        self._attempts += 1
        if self._attempts == 1:
            self._outputs.append(Warned("recognition_lost", "speech recognition failed; it is started again"))
        if self._attempts < MAX_ATTEMPTS:
            for leg in self._legs:
                leg.transcript.restart()
            self._outstanding = self._final_requested = False
            self._heard_again_until = self._requested_until
            stable_until = min(leg.transcript.stable_until for leg in self._legs)
            self._requested_until = max(0, stable_until - samples_of(HEARD_AGAIN_MS, self._rate))
            self._request_recognition(now)
            return
        self._attempts = 0
        for leg in self._legs:
            leg.transcript.lose(self._requested_until)
        self._heard([Detection(candidates=(OpenCandidate(0),)) for _ in self._legs], now)

    def receive_recognition_declined(self, now: float) -> None:
        """The outstanding request was not begun: its answer would have come too late. The streams are as they were.

        The next request is for the same audio and what comes in until the next step is complete.
        """
        self._outstanding = self._final_requested = False
        self._requested_until, self._fresh = self._asked_from, self._asked_fresh
        self._relaxed = self._relaxes
        self._not_before = (self._received_until // self._step + 1) * self._step
        self._request_recognition(now)

    def get_timer(self) -> float | None:
        """When `handle_timer` wants to be called; None while nothing waits for a clock."""
        if self._playout is None or self._released_until >= self._received_until:
            return None
        return self._playout.deadline(self._released_until)

    def handle_timer(self, now: float) -> None:
        """Release every frame whose deadline has come."""
        if self._playout is None:
            return
        due = min(self._playout.due_until(now), self._received_until)
        if due > self._released_until:
            for leg in self._legs:
                self._outputs.extend(leg.decisions.force(due))
            start = self._released_until
            self._release(due)
            self._playout.left(Span(start, due), now)
        self._finish_when_done()

    # Outputs

    def next_output(self) -> Output | None:
        """The next thing to act upon; None when all are drained."""
        return self._outputs.popleft() if self._outputs else None

    @property
    def paused(self) -> bool:
        """Whether an elastic session asks its peer to wait: read no more audio until this is False again."""
        return self._paused

    @property
    def ended(self) -> bool:
        """Whether everything has left."""
        return self._ended

    def statistics(self) -> Statistics:
        """Totals so far."""
        per_policy: dict[str, int] = {}
        for leg in self._legs:
            for policy, number in leg.decisions.spans.items():
                per_policy[policy] = per_policy.get(policy, 0) + number
        return Statistics(
            audio_ms=self._released_until * 1000 // self._rate,
            redacted_ms=sum(leg.decisions.covered_samples for leg in self._legs) * 1000 // self._rate,
            covered_late_ms=sum(leg.decisions.late_samples for leg in self._legs) * 1000 // self._rate,
            spans=dict(sorted(per_policy.items())),
            added_delay_p50_ms=self._playout.delay_ms(0.50) if self._playout else 0.0,
            added_delay_p99_ms=self._playout.delay_ms(0.99) if self._playout else 0.0,
            steps=self._steps,
            skipped_steps=self._skipped,
            relaxed_steps=self._relaxations,
            lost_recognitions=self._lost,
            near_misses=sum(leg.decisions.near_misses for leg in self._legs),
            overdue_ms=sum(leg.decisions.overdue_samples for leg in self._legs) * 1000 // self._rate,
            found_too_late_ms=sum(leg.decisions.escaped_samples for leg in self._legs) * 1000 // self._rate,
        )

    # Steps

    def _request_recognition(self, now: float) -> None:
        """Ask for the next step when it is complete and none is outstanding."""
        if self._outstanding or self._final_requested:
            return
        if self._relaxed:
            until = self._requested_until + samples_of(self._timing.relaxed_step, self._rate)
        else:
            until = (self._requested_until // self._step + 1) * self._step
        until = max(until, self._heard_again_until, self._not_before)
        skipped = 0
        if self._playout:
            # Answers that are overdue are made up for in one go: the words come late, but all of them come.
            allowance = self._timing.allowance / 1000
            while until + self._step <= self._received_until and self._playout.elapsed(until, now) > allowance:
                until += self._step
                skipped += 1
        # Heard again, the last audio is asked for as the last: otherwise its loss would be followed by one more.
        if until > self._received_until or (self._ending and self._attempts and until == self._received_until):
            if not self._ending:
                return
            until = self._received_until
            self._final_requested = True
        start = self._requested_until
        if self._playout:
            # What waited for longer than the lookahead has left, covered: time is for what can still be saved.
            oldest = until - samples_of(self.settings.lookahead_ms, self._rate)
            start = max(start, oldest // self._step * self._step)
        if start > self._requested_until:
            for leg in self._legs:
                leg.transcript.lose(start)
            self._fresh = True
        span = Span(start, until)
        audio = tuple(leg.line.samples(span) for leg in self._legs)
        due = self._due()
        # What is late already is lost; an answer within the allowance keeps the session from losing any more.
        self._wanted_by = None if due is None else max(due, now + self._timing.allowance / 1000)
        self._outputs.append(RecognitionRequested(span, audio, self._fresh, self._final_requested, self._wanted_by))
        self._asked_from, self._asked_fresh = start, self._fresh
        self._outstanding, self._fresh, self._requested_until = True, False, until
        self._skipped += skipped
        self._relaxations += self._relaxed

    def _due(self) -> float | None:
        """When the first sample that is not decided yet leaves."""
        return self._playout.deadline(self._legs[0].decisions.decided_until) if self._playout else None

    def _utterance(self, leg: _Leg) -> Utterance:
        others = [other.transcript for other in self._legs if other is not leg]
        return leg.transcript.utterance(others, leg.captions.written, ended=self._final_requested)

    def _heard(self, detections: Sequence[Detection], now: float) -> None:
        """A request is settled: decide, caption, and ask for the next."""
        self._outstanding = False
        self._heard_until = self._requested_until
        self._decide(detections, ended=self._final_requested)
        if self._playout is None:
            self._release(self._legs[0].decisions.decided_until)
        self._forget()
        self._request_recognition(now)
        self._update_paused()
        self._finish_when_done()

    def _decide(self, detections: Sequence[Detection], *, ended: bool) -> None:
        horizon = self._timing.relaxed_horizon if self._relaxed else self._timing.horizon
        until = self._received_until if ended else max(0, self._heard_until - samples_of(horizon, self._rate))
        strengths = self.settings.strengths
        for leg, detection in zip(self._legs, detections, strict=True):
            transcript, decisions = leg.transcript, leg.decisions
            probable = [finding for finding in detection.findings if strengths.covers(finding)]
            doubtful = [finding for finding in detection.findings if strengths.notices(finding)]
            held = tuple(one for one in detection.candidates if strengths.holds(one))
            open_from = Detection(candidates=held).open_from()
            marks = marks_of(probable, transcript, leg.line, decisions.decided_until, self._rate)
            near = marks_of(doubtful, transcript, leg.line, decisions.decided_until, self._rate)
            undecided = SpanSet(transcript.unheard)
            undecided.add(open_span(open_from, transcript, leg.line, self._rate))
            undecided.add(Span(min(transcript.stable_until, until), until))
            self._outputs.extend(decisions.decide(until, transcript.stable_until, marks, undecided, near))
            self._outputs.extend(leg.captions.update(transcript, decisions, probable, open_from, ended=ended))

    def _release(self, until: MediaTime) -> None:
        span = Span(self._released_until, until)
        if not span:
            return
        frames = tuple(
            released_bytes(span, leg.line, leg.decisions, self.settings.masking, self.settings.encoding, self._rate)
            for leg in self._legs
        )
        self._outputs.append(AudioReleased(span, frames))
        self._released_until = until
        self._update_paused()

    def _forget(self) -> None:
        # What is not stable in one leg is heard again in all of them when recognition is lost.
        stable_until = min(leg.transcript.stable_until for leg in self._legs)
        used_until = min(self._released_until, self._heard_until, stable_until, self._requested_until)
        keep_from = max(0, used_until - samples_of(HISTORY_MS, self._rate))
        for leg in self._legs:
            leg.line.drop_before(keep_from)
            leg.decisions.forget(keep_from)
            leg.transcript.forget(keep_from)
            leg.decisions.forget_words(min(keep_from, leg.transcript.kept_from))

    def _update_paused(self) -> None:
        if self._playout is not None:
            return
        held = self._received_until - self._released_until - samples_of(self.settings.lookahead_ms, self._rate)
        limit = RESUME_BELOW_MS if self._paused else PAUSE_ABOVE_MS
        self._paused = held > samples_of(limit, self._rate) and not self._ending

    def _finish_when_done(self) -> None:
        done = self._ending and self._final_requested and not self._outstanding
        if done and self._released_until == self._received_until and not self._ended:
            self._ended = True
            self._outputs.append(SessionEnded(self.statistics()))
