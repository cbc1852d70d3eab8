"""Accounts and tokens whose names are as hostile as the product lets them be."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.access.viewer import permits_of
from portfolio.audit.entry import COMMAND
from portfolio.scenario.operations import AddPerson
from portfolio.scenario.read import written
from portfolio.store.engine import writing
from tests.hostile.texts import FORMULAS, MARKUP
from tests.webapp.builders import Rows
from webapp.accounts.tokens import Wish, make_token
from webapp.accounts.users import SERVICE, add_account, user_of

LONGEST = 100


def add_hostile_accounts(engine: Engine, now: datetime) -> str:
    """Add a service account with a token that may read everything, which shares a scenario, and some people; return the
    token."""
    with writing(engine) as store:
        service = add_account(store, MARKUP["image"][:LONGEST], usual(*Role), now, COMMAND, known=SERVICE)
        for name in (MARKUP["script"], MARKUP["out of double quotes"], FORMULAS["link"], MARKUP["template"]):
            add_account(store, name[:LONGEST], usual(Role.AUDITOR), now, COMMAND)
        user = user_of(store, service)
        somebody = AddPerson(role=MARKUP["image"], first=now.date(), name=MARKUP["script"][:LONGEST])
        Rows(store).scenario(service, MARKUP["image"], now, written([somebody]), shared=True)
    assert user is not None
    wish = Wish(MARKUP["out of an attribute"][:LONGEST], 30, permits_of(user.viewer))
    return make_token(engine, service, wish, now, COMMAND)
