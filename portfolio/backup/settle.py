"""What a restored store must not take for true: that a run is under way, and that anybody is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.backup.layout import Header
from portfolio.model.access import User
from portfolio.model.oversight import SyncRun

LEFT = "The backup this was restored from was made during the run. Start the sync again: what was committed is kept."


def settle(store: Connection, header: Header, now: datetime, actor: Actor, replaced: dict[str, Any] | None) -> None:
    """Close the runs that were under way when the backup was made, end every session, and note the restore in the log.

    `replaced` tells of the log that was there before. A session from after the backup may carry any of the small
    numbers a user's epoch takes from there on, and one that was ended since would live again; so the epoch goes on from
    a number that only time gives.
    """
    running = update(SyncRun).where(SyncRun.state == "running")
    store.execute(running.values(state="interrupted", finished_at=header.made_at, error=LEFT))
    minutes = int(now.timestamp()) // 60
    later = case((User.session_epoch >= minutes, User.session_epoch + 1), else_=minutes)
    store.execute(update(User).values(session_epoch=later))
    told = {"made_at": header.made_at, "rows": header.rows}
    append(store, now, actor, "backup.restored", Subject("database"), old=replaced, new=told)
