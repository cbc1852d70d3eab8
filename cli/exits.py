"""Exit codes, and how an error becomes one line with a remedy."""

from __future__ import annotations

import os
import traceback

import click

from cli.output import printable

DONE = 0
FAILED = 1
USAGE = 2
INCOMPLETE = 3


class CommandError(Exception):
    """Something a command cannot do; the text names the cause and the remedy."""


def report(error: Exception, about: str = "") -> int:
    """Print one line on standard error, which names what it is `about`, and return the exit code.

    An error that is not ours is a defect of the product: its kind and place are named, the traceback only on request,
    because a traceback may carry tracker content.
    """
    start = f"error: {printable(about)}: " if about else "error: "
    if is_ours(error):
        click.echo(start + printable(" ".join(str(error).split())), err=True)
        return FAILED
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    click.echo(
        f"{start}unexpected {type(error).__name__} at {place}. This is a defect; "
        "run again with SIGHTLINE_TRACEBACK=1 to see where it comes from.",
        err=True,
    )
    if os.environ.get("SIGHTLINE_TRACEBACK"):
        click.echo(printable("".join(traceback.format_exception(error))), err=True)
    return FAILED


def is_ours(error: Exception) -> bool:
    """True for the error trees of the product's packages, whose texts are written to be shown."""
    return type(error).__module__.partition(".")[0] in {"cli", "connector", "portfolio", "sync", "webapp", "simulator"}
