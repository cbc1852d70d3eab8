"""How much projects weigh when two want the same person."""

from __future__ import annotations

from datetime import date

import numpy as np
from sqlalchemy import Connection, func, select

from portfolio.facts.objectives import links, stands
from portfolio.model.structure import Objective
from portfolio.resources.capacity import Hours, Numbers


def read_weights(connection: Connection, projects: Numbers, as_of: date) -> Hours:
    """The weight of each project (their ids, in order): 1, and on top strength (0 to 3) times weight of the objective
    for which that is most, of those that stand on the day. One that nobody weighed counts whole. Trackers tell no
    priority of a whole project.

    Source: practice default; conflicts are settled by the weight of objectives.
    """
    served = links(as_of)
    most = func.max(served.c.strength * func.coalesce(Objective.weight, 1))
    query = select(served.c.project_id, most).join(Objective, Objective.id == served.c.objective_id)
    added = {
        ident: float(more) for ident, more in connection.execute(query.where(stands(as_of)).group_by("project_id"))
    }
    return np.array([1.0 + added.get(int(ident), 0.0) for ident in projects], np.float64)
