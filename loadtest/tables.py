"""Scores as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from gateway.core.policy import Policy
from loadtest.caption_scoring import WordCount
from loadtest.results import ClipResult, Score, in_time_share, percentile
from loadtest.scoring import RULE_POLICIES, Coverage, share

_COVERAGE_HEADINGS = ("speech s", "covered", "leaked ms", "digit time", "digits", "entities")
_OTHER_HEADINGS = ("other speech", "covered wrongly", "of it near", "of it late", "false", "late ms", "CPU/s")
_CAPTION_HEADINGS = (
    "revisions",
    "revealing",
    "taken back",
    "masked later",
    "other words",
    "shown",
    "masked",
    "shown share",
    "delay p50",
    "p99",
    "in time",
)


def print_set(console: Console, title: str, splits: Mapping[str, Score], whole: Score, lookahead_ms: int) -> None:
    """All tables of one set: what rules find, by split, what needs the tagger, captions."""
    _print_policies(console, f"{title}: policies found by rules", whole, RULE_POLICIES, whole.audio.by_rules)
    _print_splits(console, f"{title}: by group", splits, whole)
    _print_wrong(console, f"{title}: other speech covered wrongly, by policy", whole)
    tagger = frozenset(Policy) - RULE_POLICIES
    if whole.audio.by_tagger.speech_ms:
        _print_policies(console, f"{title}: needs the tagger", whole, tagger, whole.audio.by_tagger)
    _print_captions(console, f"{title}: captions", splits, whole, lookahead_ms)
    if whole.audio.unreported_samples or whole.audio.reshaped:
        console.print(
            f"[red]{whole.audio.unreported_samples} samples changed outside reported redactions; "
            f"{whole.audio.reshaped} outputs missing or reshaped[/red]"
        )


def print_misses(console: Console, results: Iterable[ClipResult]) -> None:
    """Every leak, every labelled word in a caption, every false finding. This prints what was said."""
    table = Table("clip", "what", "policy", "leg", "at s", "said", "heard or shown", "leaked")
    for result in results:
        for miss in result.score.audio.misses:
            at = f"{miss.start_ms / 1000:.2f}-{miss.end_ms / 1000:.2f}"
            heard = result.heard_at(miss.leg, miss.start_ms, miss.end_ms)
            leaked = f"{miss.leaked_ms} ms"
            table.add_row(result.name, "leak", miss.policy, str(miss.leg), at, miss.text, heard, leaked)
        for reveal in result.score.captions.reveals:
            at = f"{reveal.start_ms / 1000:.2f}"
            table.add_row(result.name, "caption", reveal.policy, str(reveal.leg), at, reveal.word, reveal.shown_as)
        for found in result.score.audio.false_findings:
            at = f"{found.start_ms / 1000:.2f}-{found.end_ms / 1000:.2f}"
            heard = result.heard_at(found.leg, found.start_ms, found.end_ms)
            table.add_row(result.name, "false", found.policy, str(found.leg), at, found.text, heard)
    console.print(table)


def _print_policies(console: Console, title: str, score: Score, policies: frozenset[Policy], whole: Coverage) -> None:
    table = Table("policy", title=title, title_justify="left")
    for heading in (*_COVERAGE_HEADINGS, "words in captions"):
        table.add_column(heading, justify="right")
    chosen = [policy for policy in Policy if policy in policies and policy in score.audio.by_policy]
    for policy in chosen:
        words = score.captions.by_policy.get(policy, WordCount())
        table.add_row(policy.value, *_coverage_cells(score.audio.by_policy[policy]), f"{words.shown}/{words.words}")
    table.add_section()
    words = score.captions.by_rules
    shown = f"{words.shown}/{words.words}" if policies == RULE_POLICIES else ""
    table.add_row("all", *_coverage_cells(whole), shown)
    console.print(table)


def _coverage_cells(coverage: Coverage) -> list[str]:
    return [
        f"{coverage.speech_ms / 1000:.1f}",
        _percent(coverage.covered_share),
        str(coverage.leaked_ms),
        _percent(coverage.digit_covered_share),
        f"{coverage.digits_covered}/{coverage.digits}",
        f"{coverage.entities_covered}/{coverage.entities}",
    ]


def _print_splits(console: Console, title: str, splits: Mapping[str, Score], whole: Score) -> None:
    table = Table("group", title=title, title_justify="left")
    for heading in ("clips", "audio s", *_COVERAGE_HEADINGS, *_OTHER_HEADINGS):
        table.add_column(heading, justify="right")
    for name, score in [*splits.items(), ("all", whole)] if len(splits) > 1 else splits.items():
        other = score.audio.other
        cpu = share(score.cpu_s * 1000, score.legs_ms) if score.cpu_s else None
        table.add_row(
            name,
            str(score.clips),
            f"{score.audio.audio_ms / 1000:.1f}",
            *_coverage_cells(score.audio.by_rules),
            f"{other.speech_ms / 1000:.1f}",
            _percent(share(other.covered_ms, other.speech_ms)),
            _percent(share(other.near_ms, other.speech_ms)),
            _percent(share(other.late_ms, other.speech_ms)),
            str(len(score.audio.false_findings)),
            str(score.audio.covered_late_ms),
            "-" if cpu is None else f"{cpu:.3f}",
        )
    console.print(table)


def _print_wrong(console: Console, title: str, score: Score) -> None:
    other = score.audio.other
    if not other.covered_ms:
        return
    table = Table("policy", title=title, title_justify="left")
    for heading in ("ms", "share"):
        table.add_column(heading, justify="right")
    for policy, covered in sorted(other.by_policy.items(), key=lambda item: -item[1]):
        table.add_row(policy.value, str(covered), _percent(share(covered, other.speech_ms)))
    table.add_row("undecided in time", str(other.late_ms), _percent(share(other.late_ms, other.speech_ms)))
    console.print(table)


def _print_captions(console: Console, title: str, splits: Mapping[str, Score], whole: Score, lookahead_ms: int) -> None:
    table = Table("group", title=title, title_justify="left")
    for heading in _CAPTION_HEADINGS:
        table.add_column(heading, justify="right")
    for name, score in [*splits.items(), ("all", whole)] if len(splits) > 1 else splits.items():
        captions = score.captions
        table.add_row(
            name,
            str(captions.captions),
            str(captions.revealing_captions),
            str(captions.taken_back),
            str(captions.masked_after_shown),
            str(captions.other_words),
            str(captions.other_shown),
            str(captions.other_masked),
            _percent(share(captions.other_shown, captions.other_shown + captions.other_masked)),
            milliseconds(percentile(captions.delays_ms, 50)),
            milliseconds(percentile(captions.delays_ms, 99)),
            _percent(in_time_share(captions, lookahead_ms)),
        )
    console.print(table)


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{100 * part:.1f} %"


def milliseconds(value: float | None) -> str:
    """A duration for a table."""
    return "-" if value is None else f"{value:.0f} ms"
