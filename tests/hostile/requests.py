"""A booking and a request made here, of a role and for reasons that are as hostile as the product lets them be."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, select

from portfolio.audit.entry import Actor, ActorKind
from portfolio.bookings.asking import Ask
from portfolio.bookings.effects import NONE
from portfolio.bookings.keep import make
from portfolio.bookings.requests import ask_for
from portfolio.bookings.wish import Wish
from portfolio.model.access import User
from portfolio.model.structure import Project
from portfolio.store.engine import writing
from tests.hostile.texts import MARKUP

LONGEST = 100


def add_hostile_requests(engine: Engine, now: datetime) -> None:
    """Make both, as the first user, for the first project that goes on."""
    role, days = MARKUP["image"][:LONGEST], (now.date(), now.date() + timedelta(days=6))
    with writing(engine) as store:
        by = Actor(ActorKind.USER, store.scalar(select(User.id).order_by(User.id)))
        project = store.scalar(select(Project.id).where(Project.status == "active", Project.fed).order_by(Project.id))
        assert project is not None
        make(store, Wish(project, None, role, *days, percent=Decimal(50)), NONE, now, by, confirmed=True)
        skill = MARKUP["out of double quotes"][:LONGEST]
        ask_for(store, Ask(project, role, Decimal(8), *days, skill=skill), MARKUP["script"], now, by, confirmed=True)
