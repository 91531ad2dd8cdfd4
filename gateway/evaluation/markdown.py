"""The report for people, written from its JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

CAUSES = ("not_recognised_ms", "not_detected_ms", "too_late_ms", "edge_ms")
HALF_NAMES = {"a": "tuned (a)", "b": "held out (b)"}


def markdown(report: Row, plots: Sequence[str] = (), text_section: str | None = None) -> str:
    """The report as Markdown. `plots` are the names of pictures beside it."""
    parts = [_head(report)]
    sets: Row = report.get("sets", {})
    if sets:
        parts.append(_overview(report))
        parts += [f"![{name.removesuffix('.png')}]({name})" for name in plots]
        for name, row in sets.items():
            parts += _set_parts(name, row)
    if text_section is not None:
        parts.append(text_section)
    return "\n\n".join(part for part in parts if part) + "\n"


def percent(part: float | None, digits: int = 1) -> str:
    """A share for a table."""
    return "-" if part is None else f"{100 * part:.{digits}f} %"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, all but its first column to the right; empty without rows."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if not lines:
        return ""
    rule = "| --- |" + " ---: |" * (len(headings) - 1)
    return "\n".join(["| " + " | ".join(headings) + " |", rule, *lines])


def _head(report: Row) -> str:
    system = "another system's output" if report["engine"] is None else f"engine {report['engine']}"
    rate = f", everything at {report['rate']} Hz" if report["rate"] else ""
    policies = f"{len(report['policies'])} policies" if len(report["policies"]) > 6 else ", ".join(report["policies"])
    return (
        "# What gets through\n\n"
        f"{system}, lookahead {report['lookahead_ms']} ms, {policies}{rate}; {report['machine']}.\n"
        "`docs/evaluation.md` says what every figure means. Speech is counted in active 10 ms frames of labelled words."
    )


def _overview(report: Row) -> str:
    rows: list[list[str]] = []
    for name, row in report["sets"].items():
        rows.append(_overview_cells(name, row["all"]))
        rows += [_overview_cells(f"{name}, {HALF_NAMES[half]}", own) for half, own in row.get("halves", {}).items()]
    if len(report["sets"]) > 1:
        rows.append(_overview_cells("**all**", report["all"]))
    headings = (
        "set", "clips", "speech s", "leaked ms", "covered", "covered of recognised", "recognised", "digits covered",
        "entities covered", "silent numbers", "other speech covered", "false regions/h", "frame-F1", "word-F1",
    )  # fmt: skip
    return "## Overview\n\n" + table(headings, rows)


def _overview_cells(name: str, row: Row) -> list[str]:
    total, causes = row["total"], row.get("causes", {})
    return [
        name,
        str(row["clips"]),
        f"{total['speech_ms'] / 1000:.1f}",
        str(total["leaked_ms"]),
        percent(total["covered_share"]),
        percent(causes.get("recognised_covered_share")),
        percent(causes.get("recognised_share")),
        percent(total["digit_covered_share"]),
        f"{total['entities_covered']}/{total['entities']}",
        f"{total['numbers_silent']}/{total['numbers']}",
        percent(row["other_speech"]["covered_share"]),
        _number(row["false_regions_per_hour"]),
        percent(row["frame_f1"]["f1"]),
        percent(row["word_f1"]["f1"]),
    ]


def _set_parts(name: str, row: Row) -> list[str]:
    whole: Row = row["all"]
    parts = [f"## Set `{name}`", "### Policies", _policies(whole)]
    for title, key in (("Groups", "groups"), ("Speakers", "speakers")):
        if key in row:
            parts += [f"### {title}", _groups(row[key])]
    parts += ["### Speech covered without need", _other(whole)]
    if "causes" in whole:
        parts += ["### Where misses come from", _causes(whole["causes"])]
    if len(whole["lookahead"]) > 1:
        parts += ["### Recall versus lookahead, compute time charged", _points(whole["lookahead"], "lookahead ms")]
    if "strengths" in whole:
        parts += ["### Operating points", _points(whole["strengths"], "strength")]
    if "selectivity" in whole:
        parts += ["### One policy at a time", _selectivity(whole["selectivity"])]
    if whole["captions"]["revisions"]:
        parts += ["### Captions", _captions(whole)]
    if whole["costs"]["steps"]:
        parts += ["### Cost", _costs(whole["costs"])]
    if row.get("words"):
        parts += ["### Every miss, with its words", _words(row["words"])]
    if whole["unreported_samples"] or whole["reshaped"]:
        parts.append(
            f"**{whole['unreported_samples']} samples changed outside reported redactions; "
            f"{whole['reshaped']} outputs missing or of another shape.**"
        )
    return parts


def _policies(row: Row) -> str:
    headings = (
        "policy", "speech s", "leaked ms", "leaked", "digits leaked", "per number", "silent numbers",
        "entities covered", "words in captions",
    )  # fmt: skip
    rows = [_policy_cells(policy, own) for policy, own in row["policies"].items()]
    return table(headings, [*rows, _policy_cells("**all**", row["total"])])


def _policy_cells(name: str, row: Row) -> list[str]:
    per_number = row["digits_leaked_per_number"]
    return [
        name,
        f"{row['speech_ms'] / 1000:.1f}",
        str(row["leaked_ms"]),
        percent(row["leaked_share"]),
        f"{row['digits_leaked']}/{row['digits']}",
        "-" if per_number is None else f"{per_number:.2f}",
        f"{row['numbers_silent']}/{row['numbers']}",
        f"{row['entities_covered']}/{row['entities']}",
        f"{row['caption_words_shown']}/{row['caption_words']}",
    ]


def _groups(groups: Row) -> str:
    headings = (
        "",
        "clips",
        "speech s",
        "leaked ms",
        "covered",
        "digits covered",
        "entities covered",
        "other speech covered",
    )
    return table(
        headings,
        [
            [
                name,
                str(row["clips"]),
                f"{row['total']['speech_ms'] / 1000:.1f}",
                str(row["total"]["leaked_ms"]),
                percent(row["total"]["covered_share"]),
                percent(row["total"]["digit_covered_share"]),
                f"{row['total']['entities_covered']}/{row['total']['entities']}",
                percent(row["other_speech"]["covered_share"]),
            ]
            for name, row in groups.items()
        ],
    )


def _other(row: Row) -> str:
    other, backs = row["other_speech"], row["read_backs"]
    speech = other["speech_ms"] or 1
    rows = [
        ["other speech", f"{other['speech_ms'] / 1000:.1f}", str(other["covered_ms"]), percent(other["covered_share"])],
        ["of it near a label", "", str(other["near_ms"]), percent(other["near_ms"] / speech)],
        ["of it undecided in time", "", str(other["late_ms"]), percent(other["late_ms"] / speech)],
    ]
    rows += [
        [f"of it as {policy}", "", str(ms), percent(ms / speech)]
        for policy, ms in sorted(other["by_policy"].items(), key=lambda item: -item[1])
    ]
    if backs["words"]:
        name = f"read-backs ({backs['words']} words; rightly covered)"
        rows.append(
            [name, f"{backs['speech_ms'] / 1000:.1f}", str(backs["covered_ms"]), percent(backs["covered_share"])]
        )
    return table(("", "speech s", "covered ms", "covered"), rows)


def _causes(causes: Row) -> str:
    headings = (
        "policy", "speech s", "recognised", "covered of recognised", "not recognised ms", "not detected ms",
        "too late ms", "edge ms",
    )  # fmt: skip
    rows = [*causes["policies"].items(), ("**all**", causes)]
    return table(
        headings,
        [
            [
                name,
                f"{row['speech_ms'] / 1000:.1f}",
                percent(row["recognised_share"]),
                percent(row["recognised_covered_share"]),
                *(str(row[cause]) for cause in CAUSES),
            ]
            for name, row in rows
        ],
    )


def _points(points: Row, heading: str) -> str:
    headings = (
        heading, "covered", "digits covered", "entities covered", "leaked ms", "other speech covered", "frame-F1",
        "undecided ms", "labelled words shown", "caption delay p50", "step p99", "steps merged",
    )  # fmt: skip
    return table(
        headings,
        [
            [
                name,
                percent(row["covered_share"]),
                percent(row["digit_covered_share"]),
                f"{row['entities_covered']}/{row['entities']}",
                str(row["leaked_ms"]),
                percent(row["other_speech_covered_share"]),
                percent(row["frame_f1"]),
                str(row["covered_late_ms"]),
                str(row["caption_words_shown"]),
                _ms(row["caption_delay_p50_ms"]),
                _ms(row["costs"]["recognition_p99_ms"]),
                str(row["costs"]["merged_steps"]),
            ]
            for name, row in points.items()
        ],
    )


def _selectivity(rows: Row) -> str:
    headings = (
        "switched on alone",
        "its labels covered",
        "other labels covered",
        "of it undecided",
        "other speech covered",
    )
    return table(
        headings,
        [
            [
                policy,
                percent(row["own_covered_share"]),
                percent(row["others_covered_share"]),
                percent(row["others_late_share"]),
                percent(row["other_speech_covered_share"]),
            ]
            for policy, row in rows.items()
        ],
    )


def _captions(row: Row) -> str:
    captions, total = row["captions"], row["total"]
    rows = [
        ["labelled words ever shown", f"{total['caption_words_shown']} of {total['caption_words']}"],
        ["revisions that showed one", f"{captions['revealing']} of {captions['revisions']}"],
        ["marks taken back", str(captions["taken_back"])],
        ["words masked or changed after they were shown", str(captions["masked_after_shown"])],
        ["other words recognised that were shown", percent(captions["other_shown_share"])],
        ["delay from a word's end, p50", _ms(captions["delay_p50_ms"])],
        ["delay, p99", _ms(captions["delay_p99_ms"])],
        ["in time (lookahead + 100 ms)", percent(captions["delay_in_time_share"])],
    ]
    return table(("", "captions"), rows)


def _costs(costs: Row) -> str:
    rows = [
        ["recognition step, p50 and p99", f"{_ms(costs['recognition_p50_ms'])}, {_ms(costs['recognition_p99_ms'])}"],
        ["detection step, p50 and p99", f"{_ms(costs['detection_p50_ms'])}, {_ms(costs['detection_p99_ms'])}"],
        ["detection as share of recognition", percent(costs["detection_share_of_recognition"])],
        ["CPU seconds per second of a leg", _number(costs["cpu_s_per_leg_second"], 3)],
        ["steps, of them merged because they were late", f"{costs['steps']}, {costs['merged_steps']}"],
    ]
    return table(("", "measured"), rows)


def _words(rows: Iterable[Row]) -> str:
    """Holds what was said."""
    headings = ("clip", "what", "policy", "leg", "at s", "said", "heard", "leaked ms")
    return table(
        headings,
        [
            [
                row["clip"],
                row["kind"],
                row["policy"],
                str(row["leg"]),
                f"{row['start_ms'] / 1000:.2f}",
                row["said"],
                row["heard"],
                str(row["leaked_ms"]),
            ]
            for row in rows
        ],
    )


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms"


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
