"""Changing the draft of the mapping from a form: what the form was made from goes with it, so that nobody overwrites
what somebody else has decided meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask import abort, request
from sqlalchemy import Connection

from portfolio.store.engine import writing
from sync import versions
from sync.errors import StaleDraftError, UnknownVersionError
from sync.mapping.differences import differences
from sync.mapping.document import Mapping
from sync.versions import Version
from webapp import here, signin
from webapp.tables import read_id


class Standing(NamedTuple):
    """Where the mapping stands: what is in force and the open draft, and what the one changes in the other."""

    in_force: Version | None
    draft: Version | None
    changes: int

    @property
    def mapping(self) -> Mapping:
        """What people are about to decide in: the draft's, else what is in force, else nothing."""
        found = self.draft or self.in_force
        return found.mapping if found is not None else Mapping()


def standing(store: Connection) -> Standing:
    """Read where the mapping stands."""
    now, there = versions.in_force(store), versions.draft(store)
    changes = 0 if there is None else len(differences(now.mapping if now else Mapping(), there.mapping))
    return Standing(now, there, changes)


def edit(change: Callable[[Mapping], Mapping]) -> Version:
    """Change the draft that the form was made from; open one where there was none.

    The form carries `draft` and `revision`, both empty where there was none. Raises `StaleDraftError` when the draft is
    another by now, and whatever `change` raises: nothing is written then.
    """
    wanted = read_id(request.form, "draft"), read_id(request.form, "revision")
    with writing(here.engine()) as store:
        there = versions.draft(store)
        now, name, by = here.now(), signin.name(), signin.actor()
        if wanted == (None, None):
            if there is not None:
                raise StaleDraftError(there.edited_by, there.edited_at)
            there = versions.begin(store, now, name, by)
            wanted = there.id, there.revision
        held = there.mapping if there is not None and (there.id, there.revision) == wanted else Mapping()
        try:
            return versions.change(store, wanted[0] or 0, wanted[1] or 0, change(held), now, name, by)
        except UnknownVersionError:
            abort(404)
