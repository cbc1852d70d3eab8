"""The words trackers use for kinds, links, reports and fields, in several languages, all folded.

Tables of the default profile; those for statuses are in `sync.mapping.status_words`. Ids and categories the tracker
states itself always go before these.
"""

# ruff: noqa: RUF001, E501 - words of many alphabets, in tables that are easier to read when long

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

from sync.mapping.profile import LinkRule, ReportedRule, fold

Meaning = TypeVar("Meaning")

_KINDS = {
    "epic": "Epic, Initiative, Theme, Capability, Эпик, Épopée, Épica, Epopeya, 长篇故事, 史诗, エピック, Épico, Epopea, Epik, "
    "Епік, Инициатива, 에픽",
    "story": "Story, User Story, New Feature, Feature, Improvement, Enhancement, Requirement, 故事, 用户故事, История, "
    "Historia, Historia de usuario, História, Récit, Anforderung, Verbesserung, Neue Funktion, 新功能, 改进, ストーリー, "
    "Улучшение, Новая функция, Пользовательская история, Mejora, Nueva funcionalidad, Amélioration, Nouvelle fonctionnalité, "
    "Récit utilisateur, Nutzerstory, História de usuário, Melhoria, Nova funcionalidade, Novo recurso, Storia, Storia utente, "
    "Miglioramento, Nuova funzionalità, Gebruikersverhaal, Verbetering, Nieuwe functie, Historyjka, Historyjka użytkownika, "
    "Ulepszenie, Nowa funkcja, 需求, 用户需求, 改善, 新機能, 스토리",
    "task": "Task, Default Task, default_task, To-do, Technical Task, Chore, Maintenance, Work Item, Work Request, "
    "Test, Test Execution, Spike, Research, Documentation, Service Request, Support, Support Request, Question, "
    "Tarea, Tâche, Aufgabe, Tarefa, Attività, Taak, Zadanie, 任务, 任務, Задача, Задание, タスク, 작업, Wartung, Compito, "
    "Technical Debt, Technical-Debt, Tech Debt, Technische Schuld, Dette technique, Deuda técnica, Dívida técnica, "
    "Debito tecnico, Dług techniczny, Технический долг, 技术债务, 技術的負債",
    "subtask": "Sub-task, Subtask, Sub task, Technical Sub-task, 子任务, Подзадача, Unteraufgabe, Subtarea, "
    "Sous-tâche, Subtarefa, Sottotask, Sottoattività, Subtaak, Deeltaak, Podzadanie, 子任務, サブタスク, 하위 작업",
    "bug": "Bug, Defect, Fault, Error, Incident, Regression, 缺陷, 故障, Ошибка, Баг, Fehler, Erreur, Falla, Defecto, "
    "Anomalie, Anomalía, Erro, Defeito, Defekt, Difetto, Errore, Fout, Błąd, Дефект, バグ, 不具合, 버그",
    "milestone": "Milestone, Meilenstein, Jalon, Hito, Marco, 里程碑, Веха, マイルストーン, Mijlpaal, Kamień milowy, Pietra miliare, "
    "마일스톤",
    "risk": "Risk, Risiko, Risque, Riesgo, Risco, Rischio, 风险, 風險, Риск, リスク, Risico, Ryzyko",
    "issue": "Issue, Problem, Impediment, Blocker, Problème, Problema, 问题, 問題, Проблема, 課題, Probleem",
    "decision": "Decision, Entscheidung, Décision, Decisión, Decisão, Decisione, Besluit, Decyzja, 决策, Решение, 決定",
    "change_request": "Change Request, Change, CR, Änderungsantrag, Demande de changement, Solicitud de cambio, "
    "变更请求, Запрос на изменение",
    "deliverable": "Deliverable, Liefergegenstand, Livrable, Entregable, 交付物, 成果物, Результат",
    "acceptance": "Acceptance, Approval, Sign-off, Abnahme, Recette, Aceptación, 验收, Приёмка",
    "heading": "Separator",
    "action": "Action, Action Item, Maßnahme, Acción, Ação, Azione, Actie, 行动项, Действие",
}


def _split(words: str) -> list[str]:
    return [fold(word) for word in words.split(",")]


def table(entries: Iterable[tuple[Meaning, str]]) -> dict[str, Meaning]:
    """Word -> meaning, from meanings with their words. Raises ValueError for words that stand there twice."""
    pairs = [(word, meaning) for meaning, words in entries for word in _split(words)]
    twice = [word for word, times in Counter(word for word, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"words with two places in one table: {', '.join(twice)}")
    return dict(pairs)


KINDS = table((kind, words) for kind, words in _KINDS.items())

# Who comes first, told from the phrase: "<item> blocks <other>".
_FIRST = (
    "blocks, is blocking, blocking, precedes, is predecessor of, has to be done before, is required by, is triggering, "
)
_FIRST += "triggers, is a dependency of, is dependency of, is depended on by, is depended upon by, is dependent of, dependent, "
_FIRST += "dependents, is needed by, blockiert, bloque, bloquea, bloqueia, 阻塞, блокирует"
_SECOND = (
    "is blocked by, blocked by, follows, is successor of, has to be done after, requires, is triggered by, depends on, "
)
_SECOND += "depends upon, is dependent on, dependency, dependencies, needs, wird blockiert von, est bloqué par, "
_SECOND += "está bloqueado por, 被阻塞, заблокировано"

PHRASES = {
    **{word: LinkRule("FS") for word in _split(_FIRST)},
    **{word: LinkRule("FS", reverse=True) for word in _split(_SECOND)},
    fold("has to be started together with"): LinkRule("SS"),
    fold("has to be finished together with"): LinkRule("FF"),
    fold("start is earlier than end of"): LinkRule("SF"),
    fold("start is later than end of"): LinkRule("FS", reverse=True),
}

# Schedule links of planning add-ons tell their kind in the name: "Gantt: finish-start", "Gantt End to Start".
SCHEDULE_NAMES = {
    "FS": ("finish-start", "finish to start", "end to start", "end-start"),
    "SS": ("start-start", "start to start"),
    "FF": ("finish-finish", "finish to finish", "end to end", "end-end"),
    "SF": ("start-finish", "start to finish", "start to end", "start-end"),
}

REPORTED = {
    "on_track": ReportedRule("green"),
    "at_risk": ReportedRule("amber"),
    "off_track": ReportedRule("red"),
    "green": ReportedRule("green"),
    "yellow": ReportedRule("amber"),
    "amber": ReportedRule("amber"),
    "red": ReportedRule("red"),
    "on_hold": ReportedRule(status="on_hold"),
    "blue": ReportedRule(status="on_hold"),
    "complete": ReportedRule(status="closed"),
    "completed": ReportedRule(status="closed"),
    "achieved": ReportedRule("green", "closed"),
    "partial": ReportedRule("amber", "closed"),
    "missed": ReportedRule("red", "closed"),
    "dropped": ReportedRule(status="cancelled"),
}

POINTS_FIELDS = tuple(_split("Story Points, Story point estimate, Story Point, Points, Effort Points"))
START_FIELDS = tuple(_split("Start date, Planned start, Target start, Start"))
END_FIELDS = tuple(_split("Due date, End date, Planned end, Target end"))
ESTIMATE_FIELDS = {fold("Estimated hours"): 3600, fold("Estimate (h)"): 3600, fold("Effort (hours)"): 3600}
ROLE_FIELDS = tuple(_split("Role needed, Needed role, Required role, Skill needed, Skill, Discipline"))
KIND_FIELDS = tuple(_split("Type, Task Type, Work Type, Kind"))
STATUS_FIELDS = tuple(_split("Status, Task Status, Task Progress, Progress, Stage"))
