"""The progress of a run at a terminal: one bar per stream, nothing at all where nobody looks."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli.output import printable
from connector.protocol import Stream
from sync.progress import StreamCounts


class TerminalProgress:
    """Draws on standard error while the `with` block runs; a redirected standard error gets no drawing."""

    def __init__(self, title: str) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._title = printable(title)
        self._tasks: dict[Stream, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def started(self, stream: Stream, slices: int) -> None:
        # The size of a stream is not known before its end, so the bar only moves until it is full.
        description = f"{self._title}: {stream.value.replace('_', ' ')}"
        self._tasks[stream] = self._progress.add_task(description, total=None, said="")

    def page(self, stream: Stream, counts: StreamCounts) -> None:
        quarantined = f", {counts.quarantined:,} quarantined" if counts.quarantined else ""
        self._update(stream, said=f"{counts.fetched:,} records{quarantined}")

    def finished(self, stream: Stream) -> None:
        self._update(stream, total=1, completed=1)

    def _update(self, stream: Stream, **fields: object) -> None:
        if stream in self._tasks:
            self._progress.update(self._tasks[stream], **fields)  # type: ignore[arg-type]


class _Counted:
    """The same for what is counted beforehand."""

    def __init__(self, title: str) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}% {task.fields[said]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task(title, total=None, said="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def _show(self, said: str, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total, said=said)


class RowProgress(_Counted):
    """Of rows, table by table."""

    def __call__(self, table: str, done: int, rows: int) -> None:
        self._show(table, done, rows)


class DayProgress(_Counted):
    """Of days."""

    def __call__(self, done: int, days: int) -> None:
        self._show(f"{done:,} of {days:,} days", done, days)
