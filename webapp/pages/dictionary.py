"""The KPI dictionary: every KPI there is, shipped and own, with the limits that count for everything; and those that
wait for their data."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portfolio.governance.scope import EVERYTHING
from portfolio.governance.settings import read_settings
from portfolio.kpis.awaited import AWAITED
from portfolio.kpis.singly import SINGLY
from webapp import here
from webapp.queries.columns import by_subject

page = Blueprint("dictionary", __name__)


@page.get("/dictionary")
def dictionary() -> ResponseReturnValue:
    with here.reading() as connection:
        settings = read_settings(connection)
    return render_template(
        "dictionary.html",
        subjects=by_subject(settings.kpis_of((EVERYTHING,))),
        resolved=settings.of((EVERYTHING,)),
        singly=SINGLY.values(),
        awaited=AWAITED.values(),
    )
