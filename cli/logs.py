"""The log of a process, on standard error: one JSON object a line for programs, a short line for people at a terminal.

What is logged was written by us, but may quote a tracker or a request: control characters are written out, addresses of
webhook doors are blotted out, and of an exception only its kind and the places it came through are told, because its
text may hold anything.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from cli.output import printable
from cli.settings import LogSection

Event = MutableMapping[str, Any]

# They log addresses with their queries, or what proves a sign-in.
SILENT = ("urllib3", "requests", "jira", "asana", "authlib")
_DOOR = re.compile(r"/hooks/[^\s\"'?\[\]]+")
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def set_up(settings: LogSection) -> None:
    """Send what this process logs to standard error. Called again, it takes the new settings."""
    terminal = sys.stderr.isatty()
    text = settings.format == "text" or (settings.format == "auto" and terminal)
    # At a terminal the commands themselves say how they are doing.
    level = settings.level if settings.level != "auto" else "warning" if terminal else "info"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _blot_doors,
            _line if text else structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, _Bridge)] + [_Bridge()]
    root.setLevel(logging.WARNING)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class _StandardError:
    """Writes lines to what standard error is at that moment: a progress bar may stand in for it."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


class _Bridge(logging.Handler):
    """Takes over what libraries log with the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            told |= _told_of(record.exc_info[1])
        try:
            level = "error" if record.levelno >= logging.ERROR else "warning"
            getattr(structlog.get_logger(), level)(record.getMessage(), **told)
        except Exception:  # noqa: BLE001 - a log line must not end what is logged
            self.handleError(record)


def _told_of(error: BaseException) -> dict[str, str]:
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in frames)
    return {"problem": type(error).__name__, "trace": places}


def _blot_doors(_logger: object, _method: str, event: Event) -> Event:
    """The address of a door is as good as a key."""
    return {key: _DOOR.sub("/hooks/***", value) if isinstance(value, str) else value for key, value in event.items()}


def _line(_logger: object, _method: str, event: Event) -> str:
    """One line for people: when, how grave, what, and then the rest by name."""
    start = f"{event.pop('timestamp')} {event.pop('level'):<7} {event.pop('event')}"
    rest = " ".join(f"{key}={value!r}" for key, value in sorted(event.items()) if value is not None)
    return printable(f"{start} {rest}".rstrip().replace("\n", "\\n"))
