"""Scores as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from gateway.evaluation.caption_scoring import WordCount
from gateway.evaluation.figures import Coverage, share
from gateway.evaluation.results import ClipResult, Score, in_time_share, percentile

_COVERAGE_HEADINGS = ("speech s", "covered", "leaked ms", "digit time", "digits", "entities")
_OTHER_HEADINGS = ("other speech", "covered wrongly", "of it near", "of it late", "false", "late ms")
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


def print_set(console: Console, title: str, groups: Mapping[str, Score], whole: Score, lookahead_ms: int) -> None:
    """All tables of one set: by policy, by group, captions."""
    _print_policies(console, f"{title}: policies", whole)
    _print_groups(console, f"{title}: by group", groups, whole)
    _print_wrong(console, f"{title}: other speech covered wrongly, by policy", whole)
    _print_captions(console, f"{title}: captions", groups, whole, lookahead_ms)
    if whole.audio.unreported_samples or whole.audio.reshaped:
        console.print(
            f"[red]{whole.audio.unreported_samples} samples changed outside reported redactions; "
            f"{whole.audio.reshaped} outputs missing or reshaped[/red]"
        )


def print_misses(console: Console, results: Iterable[ClipResult]) -> None:
    """Every leak, every labelled word in a caption, every false finding. This prints what was said."""
    table = Table("clip", "what", "policy", "leg", "at s", "said", "shown", "leaked")
    for result in results:
        for miss in result.score.audio.misses:
            at = f"{miss.start_ms / 1000:.2f}-{miss.end_ms / 1000:.2f}"
            leaked = f"{miss.leaked_ms} ms"
            table.add_row(result.clip.name, "leak", miss.policy, str(miss.leg), at, miss.text, "", leaked)
        for reveal in result.score.captions.reveals:
            at = f"{reveal.start_ms / 1000:.2f}"
            table.add_row(result.clip.name, "caption", reveal.policy, str(reveal.leg), at, reveal.word, reveal.shown_as)
        for found in result.score.audio.false_findings:
            at = f"{found.start_ms / 1000:.2f}-{found.end_ms / 1000:.2f}"
            table.add_row(result.clip.name, "false", found.policy, str(found.leg), at, found.text)
    console.print(table)


def _print_policies(console: Console, title: str, score: Score) -> None:
    table = Table("policy", title=title, title_justify="left")
    for heading in (*_COVERAGE_HEADINGS, "words in captions"):
        table.add_column(heading, justify="right")
    for policy, coverage in sorted(score.audio.by_policy.items()):
        words = score.captions.by_policy.get(policy, WordCount())
        table.add_row(policy.value, *_coverage_cells(coverage), f"{words.shown}/{words.words}")
    table.add_section()
    words = score.captions.total
    table.add_row("all", *_coverage_cells(score.audio.total), f"{words.shown}/{words.words}")
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


def _print_groups(console: Console, title: str, groups: Mapping[str, Score], whole: Score) -> None:
    table = Table("group", title=title, title_justify="left")
    for heading in ("clips", "audio s", *_COVERAGE_HEADINGS, *_OTHER_HEADINGS):
        table.add_column(heading, justify="right")
    for name, score in [*groups.items(), ("all", whole)] if len(groups) > 1 else groups.items():
        other = score.audio.other
        table.add_row(
            name,
            str(score.clips),
            f"{score.audio.audio_ms / 1000:.1f}",
            *_coverage_cells(score.audio.total),
            f"{other.speech_ms / 1000:.1f}",
            _percent(share(other.covered_ms, other.speech_ms)),
            _percent(share(other.near_ms, other.speech_ms)),
            _percent(share(other.late_ms, other.speech_ms)),
            str(len(score.audio.false_findings)),
            str(score.audio.covered_late_ms),
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
        table.add_row(policy, str(covered), _percent(share(covered, other.speech_ms)))
    table.add_row("undecided in time", str(other.late_ms), _percent(share(other.late_ms, other.speech_ms)))
    console.print(table)


def _print_captions(console: Console, title: str, groups: Mapping[str, Score], whole: Score, lookahead_ms: int) -> None:
    table = Table("group", title=title, title_justify="left")
    for heading in _CAPTION_HEADINGS:
        table.add_column(heading, justify="right")
    for name, score in [*groups.items(), ("all", whole)] if len(groups) > 1 else groups.items():
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
