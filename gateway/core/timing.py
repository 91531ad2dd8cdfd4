"""When things are decided, derived from the lookahead alone.

Recognition steps fall on fixed media times: step k hears everything before `k * step`. Its answer is due before
`allowance` has passed. So at step S the samples that must leave before the answer of step S + 1 is due are decided
for good, with what step S heard: everything before `S - horizon`, where

    horizon = lookahead - step - allowance

This holds in media time alone, so a file and a live call get the same decisions. Live, a sample leaves at its
deadline; an answer that came later than the allowance finds the audio gone, covered.

Before it comes to that, an answer that used up most of the allowance makes the session take its time: the next step
hears `relaxed_step` of audio instead, and until then more is decided at once (`relaxed_horizon`). That costs a third
less work, captions that come later and words that are heard less long, but no audio is late.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_LOOKAHEAD_MS = 500
MAX_LOOKAHEAD_MS = 10_000
DEFAULT_LOOKAHEAD_MS = 2_000


@dataclass(frozen=True, slots=True)
class Timing:
    """All in milliseconds. `stable_margin`: how far behind the end of what was heard words shall become stable."""

    lookahead: int
    step: int
    allowance: int
    stable_margin: int

    @property
    def relaxed_step(self) -> int:
        """The step under load."""
        return self.step * 3 // 2

    @property
    def relax_below(self) -> int:
        """An answer that comes with less time to spare makes the next step a relaxed one."""
        return self.allowance * 5 // 9

    @property
    def horizon(self) -> int:
        """How far behind the end of what was heard a sample is decided."""
        return self.lookahead - self.step - self.allowance

    @property
    def relaxed_horizon(self) -> int:
        """The same when the next step is a relaxed one. Its answer may take a third longer, too."""
        return self.lookahead - self.relaxed_step - self.allowance * 4 // 3

    @classmethod
    def for_lookahead(cls, lookahead_ms: int) -> Timing:
        """The step grows with the lookahead up to 600 ms: longer steps cost less, shorter ones leave more to hear.

        Raises ValueError outside MIN_LOOKAHEAD_MS..MAX_LOOKAHEAD_MS.
        """
        if not MIN_LOOKAHEAD_MS <= lookahead_ms <= MAX_LOOKAHEAD_MS:
            raise ValueError(f"lookahead is {MIN_LOOKAHEAD_MS}..{MAX_LOOKAHEAD_MS} ms, not {lookahead_ms}")
        step = min(600, max(120, (lookahead_ms - 400) * 2 // 5 // 20 * 20))
        allowance = min(400, lookahead_ms * 9 // 50)
        horizon = lookahead_ms - step - allowance
        return cls(lookahead_ms, step, allowance, min(500, horizon // 2))
