"""The workflows projects use: the same story in different words, columns and languages."""

from __future__ import annotations

from simulator.company.plan import Category, Step, Workflow

TODO, DOING, DONE = Category.TODO, Category.IN_PROGRESS, Category.DONE


def _workflow(name: str, **steps: str) -> Workflow:
    categories = {"backlog": TODO, "todo": TODO, "done": DONE, "cancelled": DONE}
    return Workflow(name, tuple(Step(key, text, categories.get(key, DOING)) for key, text in steps.items()))


WORKFLOWS: dict[str, Workflow] = {
    flow.name: flow
    for flow in (
        # Jira
        _workflow("simple", todo="To Do", doing="In Progress", done="Done"),
        _workflow("review", todo="To Do", doing="In Progress", review="In Review", done="Done"),
        _workflow(
            "delivery",
            backlog="Backlog",
            todo="Selected for Development",
            doing="In Progress",
            review="Testing",
            waiting="Waiting for Supplier",
            done="Released",
        ),
        _workflow("service", todo="Open", doing="In Progress", waiting="Waiting for Customer", done="Closed"),
        _workflow(
            "german", todo="Offen", doing="In Arbeit", review="In Prüfung", waiting="Wartet auf Zulieferung",
            done="Erledigt",
        ),
        _workflow("portuguese", todo="A fazer", doing="Em andamento", review="Em revisão", done="Concluído"),
        # "Completed" here is not done: it still waits for a signature.
        _workflow("signature", todo="To Do", doing="In Progress", review="Completed", done="Signed off"),
        # Asana: sections as columns, or the options of an enumeration
        _workflow("columns", todo="To do", doing="Doing", done="Done"),
        _workflow(
            "odd columns", backlog="Ideas 💡", todo="Next up", doing="On somebody's desk", waiting="PARKED - WAITING",
            blocked="Blocked", done="Shipped 🚀",
        ),
        _workflow("stages", todo="Not started", doing="In progress", review="TO VALIDATE", blocked="Blocked",
                  done="Complete"),
        _workflow(
            "enum", todo="Not started", doing="In progress", waiting="Waiting", blocked="Blocked ", done="Done",
            cancelled="Cancelled",
        ),
        _workflow("portuguese columns", todo="A fazer", doing="Fazendo", blocked="Bloqueado", done="Feito"),
    )
}  # fmt: skip
