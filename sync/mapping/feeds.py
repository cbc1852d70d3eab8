"""Project rules -> what feeds which project, for one connection: names become the tracker's ids. Pure.

What a rule names and the tracker does not have (yet) feeds nothing and is reported; the profile is made again with
every run, so it is taken up when it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from connector.records import ComponentRecord, PortfolioRecord, ProjectRecord, SectionRecord
from sync.mapping.document import Grouping, Mapping, ProjectRule, Source
from sync.mapping.profile import fold
from sync.mapping.projects import clean, code_for
from sync.mapping.queries import query_id
from sync.mapping.sources import COMPONENT, EPIC, LABEL, PORTFOLIO, PROJECT, QUERY, SECTION, FedSource, Placing


class Catalogue(NamedTuple):
    """What a connection has that sources may name, as it is landed."""

    projects: Sequence[ProjectRecord] = ()
    portfolios: Sequence[PortfolioRecord] = ()
    sections: Sequence[SectionRecord] = ()
    components: Sequence[ComponentRecord] = ()


class Feeds(NamedTuple):
    """What feeds what. `unclear` are sentences on what rules name and this connection does not have."""

    placing: Placing
    unclear: tuple[str, ...]


def compile_feeds(mapping: Mapping, connection: str, catalogue: Catalogue) -> Feeds:
    """What the mapping says of projects, for the connection of this name."""
    feeds = _Feeds(connection, catalogue)
    for rule in mapping.projects:
        feeds.add(rule)
    own = mapping.connections.get(connection)
    grouping = own.grouping if own is not None else Grouping()
    placing = Placing(
        sources=tuple(feeds.found.values()),
        codes=tuple(sorted({code_of(rule) for rule in mapping.projects if rule.code})),
        grouped=grouping.by == "tracker",
    )
    return Feeds(placing, tuple(feeds.unclear))


def code_of(rule: ProjectRule) -> str:
    """The code of the rule's project as projects bear it; "" for a rule that feeds none."""
    return code_for(rule.code, ()) if rule.code.strip() else ""


class _Called:
    """Projects by id, key and name: there may be thousands, and as many rules."""

    def __init__(self, projects: Iterable[ProjectRecord]) -> None:
        self._by: tuple[dict[str, list[ProjectRecord]], ...] = ({}, {}, {})
        for record in projects:
            names = (record.external_id, fold(record.key), fold(record.name))
            for table, name in zip(self._by, names, strict=True):
                table.setdefault(name, []).append(record)

    def like(self, name: str) -> Sequence[ProjectRecord]:
        """Those of that id, else key, else name."""
        asked = (name.strip(), fold(name), fold(name))
        return next((found for table, each in zip(self._by, asked, strict=True) if (found := table.get(each))), ())


class _Feeds:
    """Takes the rules up one after the other: what an earlier one claims, a later one does not get."""

    def __init__(self, connection: str, catalogue: Catalogue) -> None:
        self._connection = connection
        self._catalogue = catalogue
        self._called = _Called(catalogue.projects)
        self._sections = {(each.project_id, each.external_id): each for each in catalogue.sections}
        self._components = {each.external_id: each for each in catalogue.components}
        self.found: dict[str, FedSource] = {}
        self.unclear: dict[str, None] = {}

    def add(self, rule: ProjectRule) -> None:
        for position, source in enumerate(rule.sources):
            if source.connection != self._connection:
                continue
            for number, fed in enumerate(_MAKERS[source.type](self, source)):
                self._claim(rule, fed, is_primary=position == 0 and number == 0)

    def _claim(self, rule: ProjectRule, fed: FedSource, *, is_primary: bool) -> None:
        code = code_of(rule)
        before = self.found.get(fed.external_id)
        if before is not None:
            if before.code != code:
                first, second = before.code or "no project", code or "no project"
                self.unclear[f"“{fed.shown}” is claimed for {first} and for {second}: it feeds {first}"] = None
            return
        self.found[fed.external_id] = FedSource(
            external_id=fed.external_id,
            type=fed.type,
            name=fed.name,
            shown=fed.shown,
            within=fed.within,
            code=code,
            title=clean(rule.name),
            is_primary=is_primary and bool(code),
            portfolio=clean(rule.portfolio),
            program=clean(rule.program),
        )

    def _project(self, name: str) -> ProjectRecord | None:
        """The tracker's project of that id or key, else the one of that name."""
        found = self._called.like(name)
        if len(found) == 1:
            return found[0]
        if found:
            self._note(f"{len(found)} projects are called “{name}”: name the one that is meant by its key")
        else:
            self._note(f"there is no project “{name}”")
        return None

    def _note(self, sentence: str) -> None:
        self.unclear[sentence] = None

    def projects(self, source: Source) -> Iterator[FedSource]:
        record = self._project(source.name)
        if record is not None:
            yield FedSource(external_id=record.external_id, shown=record.name, within=record.external_id)

    def portfolio(self, source: Source) -> Iterator[FedSource]:
        """The portfolio itself, which tells the project's name, and all projects in it and in those inside it."""
        folded = fold(source.name)
        for record in self._catalogue.portfolios:
            if record.external_id == source.name.strip() or fold(record.name) == folded:
                yield FedSource(external_id=f"{PORTFOLIO}:{record.external_id}", type=PORTFOLIO, shown=record.name)
                for project in self._inside(record):
                    yield FedSource(external_id=project.external_id, shown=project.name, within=project.external_id)
                return
        self._note(f"there is no portfolio “{source.name}”")

    def _inside(self, portfolio: PortfolioRecord) -> Iterator[ProjectRecord]:
        known = {record.external_id: record for record in self._catalogue.portfolios}
        projects = {record.external_id: record for record in self._catalogue.projects}
        waiting, seen = [portfolio], {portfolio.external_id}
        while waiting:
            record = waiting.pop(0)
            yield from (projects[ident] for ident in record.project_ids if ident in projects)
            inner = [known[ident] for ident in record.portfolio_ids if ident in known and ident not in seen]
            seen.update(each.external_id for each in inner)
            waiting += inner

    def part(self, source: Source) -> Iterator[FedSource]:
        """A component, section or label: by name, or by id where the tracker's list has it."""
        within = ""
        if not source.project and source.type != LABEL:
            self._note(f"the {source.type} “{source.name}” needs the project it is in")
            return
        if source.project:
            record = self._project(source.project)
            if record is None:
                return
            within = record.external_id
        name, shown = self._named(source, within)
        ident = f"{source.type}:{within}:{name}"
        yield FedSource(external_id=ident, type=source.type, name=name, shown=shown, within=within)

    def _named(self, source: Source, within: str) -> tuple[str, str]:
        name = source.name.strip()
        if source.type == SECTION and (section := self._sections.get((within, name))):
            return section.external_id, section.name
        component = self._components.get(name) if source.type == COMPONENT else None
        if component is not None and component.project_id in (None, within):
            return fold(component.name), component.name
        return fold(name), name

    def epic(self, source: Source) -> Iterator[FedSource]:
        # Keys are told in capitals; ids have none.
        name = source.name.strip().upper()
        yield FedSource(external_id=f"{EPIC}:{name}", type=EPIC, name=name, shown=name)

    def query(self, source: Source) -> Iterator[FedSource]:
        text = source.name.strip()
        yield FedSource(external_id=query_id(text), type=QUERY, name=text, shown=text)


_MAKERS: dict[str, Callable[[_Feeds, Source], Iterable[FedSource]]] = {
    PROJECT: _Feeds.projects,
    PORTFOLIO: _Feeds.portfolio,
    EPIC: _Feeds.epic,
    QUERY: _Feeds.query,
    **dict.fromkeys((COMPONENT, SECTION, LABEL), _Feeds.part),
}
