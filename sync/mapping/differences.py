"""What changes from one mapping to another, in words."""

from __future__ import annotations

from typing import NamedTuple

from sync.mapping.document import Mapping
from sync.mapping.place import at
from sync.mapping.said import THERE, keyed, said, title


class Difference(NamedTuple):
    """One thing that changes. `place` is where it stands (in the later document, if it still does).

    `before` and `after` are in words, "" where nothing is said: then a wider rule or the defaults hold.
    """

    place: str
    subject: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """The difference as a line."""
        if THERE in (self.before, self.after):
            return f"{self.subject}: {'new' if self.after else 'removed'}"
        if not self.before:
            return f"{self.subject}: becomes {self.after}"
        if not self.after:
            return f"{self.subject}: was {self.before}, is said no more"
        return f"{self.subject}: was {self.before}, becomes {self.after}"


def differences(before: Mapping, after: Mapping) -> tuple[Difference, ...]:
    """Everything that changes, in the order of the later document; what is gone stands last."""
    old, new = said(before), said(after)
    found = []
    for key, now in new.items():
        then = old.get(key)
        if then is None or then.value != now.value:
            found.append(Difference(now.place, now.subject, then.words if then is not None else "", now.words))
    found += [Difference(then.place, then.subject, then.words, "") for key, then in old.items() if key not in new]
    return (*found, *_order(before, after))


def _order(before: Mapping, after: Mapping) -> tuple[Difference, ...]:
    """Of project rules the first that claims an item has it, so their order says something."""
    ranks = [{key: title(rule) for key, _, rule in keyed(each.projects)} for each in (before, after)]
    common = ranks[0].keys() & ranks[1].keys()
    old, new = ([words for key, words in rank.items() if key in common] for rank in ranks)
    if old == new:
        return ()
    return (Difference(at("projects"), "Order of project rules", ", ".join(old), ", ".join(new)),)
