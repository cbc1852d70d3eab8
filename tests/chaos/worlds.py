"""The simulated trackers a history can play on: each with its editor, its oracle and the way to it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import NamedTuple, Protocol
from wsgiref.types import WSGIApplication

from connector.settings import SignIn
from simulator.asana.app import make_app as make_asana
from simulator.jira.app import make_app as make_jira
from tests.chaos import asana_editor, asana_oracle, asana_world, jira_editor, jira_oracle, jira_world
from tests.chaos.portrait import Portrait
from tests.chaos.stage import Clock


class Editor(Protocol):
    """Changes a tracker. See `tests.chaos.jira_editor.JiraEditor`."""

    fates: dict[str, set[str]]
    touched: set[str]
    needs_full: bool

    def apply(self, name: str, pick: int, value: int) -> None: ...


class World(NamedTuple):
    """One simulated tracker. `ids` are all its items, whatever became of them."""

    app: WSGIApplication
    path: str
    editor: Editor
    expected: Callable[[date], Portrait]
    unseen: Callable[[], frozenset[str]]
    ids: Callable[[], list[str]]


class Kind(NamedTuple):
    """A kind of world: how it is made, which edits there are, and how its connection is set up."""

    make: Callable[[Clock], World]
    edits: Collection[str]
    tracker: str
    sign_in: SignIn
    scope: tuple[str, ...]


def _jira(flavour: str, *, takes_milliseconds: bool, scoped: bool) -> Kind:
    def make(clock: Clock) -> World:
        site = jira_world.build(flavour, takes_milliseconds=takes_milliseconds)
        editor = jira_editor.JiraEditor(site, clock, scoped)
        return World(
            app=make_jira(site, clock=clock),
            path=site.context_path,
            editor=editor,
            expected=lambda today: jira_oracle.expected(site, scoped, editor.fates, today),
            unseen=lambda: jira_oracle.unseen(site),
            ids=lambda: sorted({*site.issues, *site.deleted_issues}, key=int),
        )

    sign_in = SignIn.CLOUD_TOKEN if flavour == "cloud" else SignIn.PERSONAL_TOKEN
    scope = (jira_world.KEYS[jira_world.ALPHA], jira_world.KEYS[jira_world.BETA]) if scoped else ()
    return Kind(make, jira_editor.EDITS, "jira", sign_in, scope)


def _asana(*, scoped: bool) -> Kind:
    def make(clock: Clock) -> World:
        state = asana_world.build()
        editor = asana_editor.AsanaEditor(state, clock, scoped)
        return World(
            app=make_asana(state, clock=clock),
            path="/api/1.0",
            editor=editor,
            expected=lambda today: asana_oracle.expected(state, scoped, editor.fates, today),
            unseen=frozenset,
            ids=lambda: sorted(editor.ever, key=int),
        )

    scope = (asana_world.HARBOUR, asana_world.LANTERN) if scoped else ()
    return Kind(make, asana_editor.EDITS, "asana", SignIn.PERSONAL_TOKEN, scope)


KINDS = {
    "asana": _asana(scoped=False),
    "asana_in_part": _asana(scoped=True),
    "cloud": _jira("cloud", takes_milliseconds=True, scoped=False),
    "cloud_by_minutes": _jira("cloud", takes_milliseconds=False, scoped=True),
    "datacenter": _jira("datacenter", takes_milliseconds=True, scoped=True),
    "datacenter_by_minutes": _jira("datacenter", takes_milliseconds=False, scoped=False),
}
