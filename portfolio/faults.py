"""What is wrong with what somebody entered, told all at once, each with the field it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

Read = TypeVar("Read")


class Fault(NamedTuple):
    """What is wrong with a field, why, and what to do instead. `meant`: it is asked about, and may be meant."""

    field: str
    message: str
    meant: bool = False


class EntryError(Exception):
    """What was entered cannot be kept, or not before somebody said that it is meant."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(it.message for it in faults))
        self.faults = faults

    @property
    def may_be_meant(self) -> bool:
        """Whether all of it is asked about only."""
        return all(it.meant for it in self.faults)

    @property
    def by_field(self) -> Mapping[str, str]:
        """What stands beside each field: the first that is wrong with it."""
        return {it.field: it.message for it in reversed(self.faults)}


class Faults(list[Fault]):
    """What is wrong with what somebody typed, gathered while it is read to its end."""

    def reading(self, read: Callable[[], Read], instead: Read) -> Read:
        """What `read` finds; where it raises `EntryError` that is kept, and `instead` stands for what was read."""
        try:
            return read()
        except EntryError as error:
            self.extend(error.faults)
            return instead

    def require(self, further: Iterable[Fault] = ()) -> None:
        """Raises `EntryError` where anything is wrong. Of what is found `further` only that counts which is about
        fields that could be read."""
        unread = {it.field for it in self}
        require([*self, *(it for it in further if it.field not in unread)])


def require(faults: Iterable[Fault]) -> None:
    """Raises `EntryError` where anything is wrong."""
    if found := tuple(faults):
        raise EntryError(*found)
