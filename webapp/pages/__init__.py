"""The pages of the site, one blueprint each. A new page is one module here and one line in this list."""

from __future__ import annotations

from flask import Blueprint

from webapp.pages import (
    absences,
    account,
    all_tokens,
    audit,
    connections,
    dictionary,
    groups,
    health,
    items,
    mapping,
    metrics,
    outside,
    people,
    portfolio,
    project,
    quarantine,
    runs,
    schedules,
    second_factor,
    settings,
    tokens,
    users,
)

PAGES: tuple[Blueprint, ...] = (
    health.page,
    metrics.page,
    account.page,
    tokens.page,
    settings.page,
    users.page,
    all_tokens.page,
    second_factor.page,
    outside.page,
    portfolio.page,
    project.page,
    items.page,
    connections.page,
    schedules.page,
    runs.page,
    absences.page,
    quarantine.page,
    mapping.page,
    groups.page,
    dictionary.page,
    audit.page,
    people.page,
)
