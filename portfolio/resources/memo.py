"""What was worked out of something that does not change, kept with it: the last few answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Answer = TypeVar("Answer")
Array: TypeAlias = NDArray[Any]
MOST = 32
"""So many answers are kept; the one not asked for longest goes."""


class Change(NamedTuple):
    """In which rows something is not what it was: where each row of before stands now, and the rows (in order) that
    are others or new."""

    places: NDArray[np.int64]
    touched: NDArray[np.int64]

    def mended(self, before: Array, touched: Array) -> Array:
        """The rows as they are now: those of before, and in place of what is touched others."""
        count = 1 + max(self.places.max(initial=-1), self.touched.max(initial=-1))
        rows = np.empty((count, *before.shape[1:]), before.dtype)
        rows[self.places], rows[self.touched] = before, touched
        return rows

    def then(self, after: Change) -> Change:
        """This one and another after it, in one."""
        touched = np.union1d(after.places[self.touched], after.touched)
        return Change(after.places[self.places], touched)


class Memo:
    """Answers by question. Whoever asks what is being worked out waits for it.

    An answer may have a row for each of many: of something that follows something else, and is the same but for some
    of them, it is worked out for these alone.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._by_row: set[Hashable] = set()
        self._earlier: dict[Hashable, tuple[Any, Change]] = {}
        self._lock = RLock()

    def follow(self, before: Memo, change: Change) -> None:
        """Take over the answers by row of what there was before this."""
        with before._lock:
            earlier = {asked: (answer, first.then(change)) for asked, (answer, first) in before._earlier.items()}
            earlier |= {asked: (answer, change) for asked, answer in before._answers.items() if asked in before._by_row}
        self._earlier = dict([*earlier.items()][-MOST:])

    def by_row(
        self, question: Hashable, work_out: Callable[[], Answer], mend: Callable[[Answer, Change], Answer]
    ) -> Answer:
        """`once` for an answer by row: mended where an earlier one is known, else worked out."""

        def found() -> Answer:
            earlier = self._earlier.pop(question, None)
            return work_out() if earlier is None else mend(*earlier)

        with self._lock:
            self._by_row.add(question)
            return self.once(question, found)

    def once(self, question: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """The answer, worked out where it is not kept."""
        with self._lock:
            if question not in self._answers:
                self._answers[question] = work_out()
                if len(self._answers) > MOST:
                    self._answers.popitem(last=False)
            self._answers.move_to_end(question)
            answer: Answer = self._answers[question]
            return answer
