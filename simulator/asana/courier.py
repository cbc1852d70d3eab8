"""The thread that tells the webhooks of a simulated Asana what happened."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime

from simulator.asana.edits.journal import last_sequence
from simulator.asana.hooks import BEATS_EVERY, MOST_EVENTS, Hook, body_of, post, signed
from simulator.asana.workspace import Workspace

_LOOKS_EVERY_S = 0.02
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0


class Courier:
    """Posts events, and a heartbeat at the beginning and every eight hours of the server's clock.

    A delivery that fails is tried again, with all that has happened since; after a day of failures the webhook is
    removed. The next `lost_deliveries` of the workspace never leave.
    """

    def __init__(self, state: Workspace, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._again: dict[str, float] = {}
        self._stopped = threading.Event()
        self._idle = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def settle(self, timeout_s: float) -> bool:
        """Wait until every webhook was told everything, or is gone. False when that takes too long."""
        with self._idle:
            return self._idle.wait_for(self._settled, timeout_s)

    def _settled(self) -> bool:
        with self._state.lock:
            latest = last_sequence(self._state)
            return all(hook.position == latest and hook.beat_at for hook in self._state.webhooks.values())

    def _run(self) -> None:
        while not self._stopped.wait(_LOOKS_EVERY_S):
            with self._state.lock:
                hooks = list(self._state.webhooks.values())
            for hook in hooks:
                if self._again.get(hook.gid, 0.0) <= time.monotonic():
                    self._tell(hook)
            with self._idle:
                self._idle.notify_all()

    def _tell(self, hook: Hook) -> None:
        """Post what is due, if anything is."""
        state, now = self._state, self._clock()
        with state.lock:
            if hook.gone_at is not None and now >= hook.gone_at:
                state.webhooks.pop(hook.gid, None)
                return
            beats = hook.beat_at is None or now - hook.beat_at >= BEATS_EVERY
            if not beats and hook.position == last_sequence(state):
                return
            new = state.events[bisect_right(state.events, hook.position, key=lambda event: event.sequence) :]
            heard = [e for e in new if hook.resource["gid"] in e.resources and hook.hears(e.document)][:MOST_EVENTS]
            position = last_sequence(state) if len(heard) < MOST_EVENTS else heard[-1].sequence
            body = body_of([event.document for event in heard])
            lost = bool(heard) and state.lost_deliveries > 0
            if lost:
                state.lost_deliveries -= 1
        status = post(hook.target, body, signed(hook, body))[0] if (heard or beats) and not lost else 200
        with state.lock:
            if 200 <= status < 300:
                self._succeeded(hook, position, now if (heard or beats) and not lost else None)
            else:
                self._failed(hook, status, now)

    def _succeeded(self, hook: Hook, position: int, sent: datetime | None) -> None:
        hook.position = position
        if sent is not None:
            hook.beat_at = hook.last_success_at = sent
            hook.failing_since, hook.retries = None, 0
            self._again.pop(hook.gid, None)

    def _failed(self, hook: Hook, status: int, now: datetime) -> None:
        hook.last_failure_at, hook.last_failure_content = now, f"{status}"
        hook.failing_since = hook.failing_since or now
        hook.retries += 1
        self._again[hook.gid] = time.monotonic() + min(_FIRST_PAUSE_S * 2.0**hook.retries, _LONGEST_PAUSE_S)
