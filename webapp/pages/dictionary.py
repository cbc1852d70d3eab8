"""The KPI dictionary: every KPI as the catalogue declares it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portfolio.kpis.awaited import AWAITED
from webapp.queries.columns import catalogue_by_subject

page = Blueprint("dictionary", __name__)


@page.get("/dictionary")
def dictionary() -> ResponseReturnValue:
    return render_template("dictionary.html", subjects=catalogue_by_subject(), awaited=AWAITED.values())
