"""Captions on a terminal, or as lines where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

_LEG_STYLES: Final = ("bold cyan", "bold magenta")
_MASKED: Final = "black on yellow"


class CaptionScreen:
    """Shows events of a call. On a terminal, turns grow in place; elsewhere each change is a line."""

    def __init__(self, console: Console, speakers: tuple[str, ...]) -> None:
        self._console = console
        self._speakers = speakers
        self._open: dict[int, Text] = {}
        self._live = Live(console=console, transient=True, refresh_per_second=8) if console.is_terminal else None

    def __enter__(self) -> CaptionScreen:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._live:
            self._live.stop()
            for text in self._open.values():
                self._console.print(text)

    def show(self, event: Mapping[str, Any]) -> None:
        """Show an event; those that need no showing are passed over."""
        match event["type"]:
            case "caption":
                self._caption(event)
            case "warning":
                self._console.print(Text(f"warning: {event['message']}", style="yellow"))

    def _caption(self, caption: Mapping[str, Any]) -> None:
        text = self._written(caption)
        if self._live is None:
            self._console.print(text, soft_wrap=True)
        elif caption["final"]:
            self._open.pop(caption["turn"], None)
            self._live.update(Group(*self._open.values()))
            self._console.print(text)
        else:
            self._open[caption["turn"]] = text
            self._live.update(Group(*self._open.values()))

    def _written(self, caption: Mapping[str, Any]) -> Text:
        leg = caption["leg"]
        seconds = caption["start_ms"] / 1000
        text = Text()
        text.append(f"{seconds:7.2f} s  ", style="dim")
        text.append(f"{self._speakers[leg]}: ", style=_LEG_STYLES[leg % len(_LEG_STYLES)])
        for index, word in enumerate(caption["words"]):
            if index:
                text.append(" ")
            masked = word["policy"] or "#" in word["text"]
            text.append(word["text"], style=_MASKED if masked else None)
        if not caption["final"]:
            text.append(" ...", style="dim")
        return text


def statistics_table(statistics: Mapping[str, Any]) -> Table:
    """The totals of a call."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    seconds = {"audio": "audio_ms", "covered": "redacted_ms", "covered undecided": "covered_late_ms"}
    for name, key in seconds.items():
        table.add_row(name, f"{statistics[key] / 1000:.2f} s")
    p50, p99 = statistics["added_delay_p50_ms"], statistics["added_delay_p99_ms"]
    table.add_row("added delay", f"{p50:.0f} ms (median), {p99:.0f} ms (99 %)")
    found = ", ".join(f"{count} {policy}" for policy, count in sorted(statistics["spans"].items()))
    table.add_row("redactions", found or "none")
    return table
