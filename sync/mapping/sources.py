"""What feeds which portfolio project, for one connection, with the tracker's ids. Data only; part of a profile.

Made from the project rules by `sync.mapping.feeds`; applied to items by `sync.mapping.placing`, and to the rows of
projects and their references by `sync.write.sources`.
"""

from __future__ import annotations

import msgspec

PROJECT, EPIC, COMPONENT, LABEL = "project", "epic", "component", "label"
SECTION, PORTFOLIO, QUERY = "section", "portfolio", "query"
CLAIMING = (EPIC, QUERY)
"""The types of source that claim items by what their own payloads do not say."""


class FedSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A source and the project it feeds.

    `external_id` is that of its `project_ref`. `name` is what an item must bear, folded where names are compared: an id
    or key of an epic, the name of a component or label, an id or name of a section, the text of a query. `shown` is
    what people call it. `within` is the tracker's project it is a part of, "" where it may hold items of several.
    `code` is the portfolio project's, "" for none, and `title` the name the rule gives that. `is_primary` sources tell
    the project's name, dates and lead. `portfolio` and `program` place the project by hand.
    """

    external_id: str
    type: str = PROJECT
    name: str = ""
    shown: str = ""
    within: str = ""
    code: str = ""
    title: str = ""
    is_primary: bool = False
    portfolio: str = ""
    program: str = ""


class Placing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All sources of a connection that rules name, in the order of the rules: of those that claim an item the first
    decides.

    A tracker's project that is not among them feeds a project of its own. `codes` are those of all rules, whatever
    connection feeds them. `grouped` False: the tracker's groupings place nothing.
    """

    sources: tuple[FedSource, ...] = ()
    codes: tuple[str, ...] = ()
    grouped: bool = True
