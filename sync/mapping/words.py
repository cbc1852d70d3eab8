"""The words trackers use, in several languages: the name tables of the default profile, all folded.

Ids and categories the tracker states itself always go before these.
"""

# ruff: noqa: RUF001, E501 - words of many alphabets, in tables that are easier to read when long

from __future__ import annotations

from sync.mapping.profile import LinkRule, ReportedRule, StatusRule, fold

_KINDS = {
    "epic": "Epic, Initiative, Theme, Capability, Эпик, Épopée, Épica, Epopeya, 长篇故事, 史诗, エピック",
    "story": "Story, User Story, New Feature, Feature, Improvement, Enhancement, Requirement, 故事, 用户故事, История, "
    "Historia, Historia de usuario, História, Récit, Anforderung, Verbesserung, Neue Funktion, 新功能, 改进, ストーリー, "
    "Улучшение, Новая функция, Mejora, Nueva funcionalidad, Amélioration",
    "task": "Task, Default Task, default_task, To-do, Technical Task, Chore, Maintenance, Work Item, Work Request, "
    "Test, Test Execution, Spike, Research, Documentation, Service Request, Support, Support Request, Question, "
    "Tarea, Tâche, Aufgabe, Tarefa, Attività, Taak, Zadanie, 任务, Задача, タスク, 작업, Wartung",
    "subtask": "Sub-task, Subtask, Sub task, Technical Sub-task, 子任务, Подзадача, Unteraufgabe, Subtarea, "
    "Sous-tâche, Subtarefa, サブタスク",
    "bug": "Bug, Defect, Fault, Error, Incident, Regression, 缺陷, 故障, Ошибка, Баг, Fehler, Erreur, Falla, Defecto, "
    "Anomalie, Erro, バグ",
    "milestone": "Milestone, Meilenstein, Jalon, Hito, Marco, 里程碑, Веха, マイルストーン",
    "risk": "Risk, Risiko, Risque, Riesgo, Risco, Rischio, 风险, Риск, リスク",
    "issue": "Issue, Problem, Impediment, Blocker, Problème, Problema, 问题, Проблема, 課題",
    "decision": "Decision, Entscheidung, Décision, Decisión, Decisão, 决策, Решение",
    "change_request": "Change Request, Change, CR, Änderungsantrag, Demande de changement, Solicitud de cambio, "
    "变更请求, Запрос на изменение",
    "deliverable": "Deliverable, Liefergegenstand, Livrable, Entregable, 交付物, Результат",
    "acceptance": "Acceptance, Approval, Sign-off, Abnahme, Recette, Aceptación, 验收, Приёмка",
    "heading": "Separator",
    "action": "Action, Action Item, Maßnahme, Acción, 行动项, Действие",
}

_TODO = (
    "To Do, Todo, Open, New, Backlog, Icebox, Reopened, Created, Not Started, Planned, Ready, Selected for Development, "
    "Ready for Development, Draft, Proposed, Submitted, Triage, Awaiting Triage, Requested, Next, Next Up, Inbox, Untitled Section, "
    "Recently Assigned, Upcoming, Later, Accepted for Work, Zu erledigen, Offen, Neu, Wiedereröffnet, À faire, Ouvert, "
    "Nouveau, Por hacer, Tareas por hacer, Abierto, Abierta, Nuevo, Pendiente, A fazer, Aberto, Da fare, Te doen, "
    "待办, 新建, 打开, 重新打开, 未开始, К выполнению, Открыт, Новый, Сделать, Переоткрыт, 未着手, 할 일"
)
_DOING = (
    "In Progress, Doing, Fazendo, Haciendo, Started, In Development, Development, Active, Work in Progress, WIP, Implementing, Ongoing, "
    "Testing, In Test, In Testing, In QA, QA, Verification, In Arbeit, In Bearbeitung, In Entwicklung, En cours, En curso, "
    "En progreso, Em andamento, Em progresso, In corso, Mee bezig, 进行中, 处理中, 开发中, В работе, В процессе, 進行中, 진행 중"
)
_WAIT = (
    "In Review, Review, Code Review, Peer Review, Under Review, To Validate, Waiting, Waiting for Customer, "
    "Waiting for Support, Waiting for Approval, Awaiting Approval, Pending, Pending Approval, Ready for Test, "
    "Ready for QA, Ready for Review, Ready to Deploy, In QE Test, Wartet, In Prüfung, En attente, En revisión, En espera, "
    "Em revisão, 待审核, 评审中, На проверке, Ожидание, レビュー中"
)
_BLOCKED = (
    "Blocked, Blocker, Impeded, On Hold, Hold, Paused, Stopped, Blockiert, Pausiert, Angehalten, Bloqué, Bloqueado, "
    "Bloqueada, En pause, 阻塞, 暂停, Заблокировано, Приостановлено, ブロック"
)
_DONE = (
    "Done, Closed, Resolved, Complete, Completed, Finished, Fixed, Released, Deployed, Delivered, Verified, Accepted, "
    "Approved, Shipped, Live, Achieved, Fertig, Erledigt, Abgeschlossen, Geschlossen, Gelöst, Terminé, Terminée, Fait, "
    "Fermé, Résolu, Hecho, Listo, Finalizado, Finalizada, Cerrado, Cerrada, Resuelto, Concluído, Feito, Fechado, Completato, Fatto, "
    "Klaar, Gereed, 已完成, 完成, 已关闭, 关闭, 已解决, 解决, Готово, Выполнено, Закрыт, Закрыто, Решен, Завершено, 完了, 완료"
)
_CANCELLED = (
    "Cancelled, Canceled, Won't Do, Wont Do, Won't Fix, Rejected, Declined, Dropped, Abandoned, Duplicate, Invalid, "
    "Obsolete, Withdrawn, Not Doing, Discarded, Abgebrochen, Abgelehnt, Storniert, Verworfen, Annulé, Rejeté, Cancelado, "
    "Cancelada, Rechazado, Annullato, 已取消, 取消, 已拒绝, Отменен, Отменено, Отклонено, キャンセル"
)
_RESOLUTIONS = (
    "Won't Do, Wont Do, Won't Fix, Wontfix, Duplicate, Cannot Reproduce, Can't Reproduce, Invalid, Not a Bug, Not Our Bug, "
    "Cancelled, Canceled, Declined, Rejected, Obsolete, Abandoned, Not Applicable, Works as Designed, Withdrawn, "
    "Wird nicht erledigt, Duplikat, Nicht reproduzierbar, Ungültig, Abgelehnt, Ne sera pas fait, Doublon, "
    "Impossible à reproduire, No se hará, Duplicado, Duplicada, No se puede reproducir, 不做, 重复, 无法重现, 无效, "
    "Не будет исправлено, Дубликат, Не воспроизводится, Отклонено"
)


def _split(words: str) -> list[str]:
    return [fold(word) for word in words.split(",")]


KINDS = {word: kind for kind, words in _KINDS.items() for word in _split(words)}

STATUSES = {
    word: rule
    for rule, words in (
        (StatusRule("todo"), _TODO),
        (StatusRule("in_progress"), _DOING),
        (StatusRule("in_progress", "wait"), _WAIT),
        (StatusRule("in_progress", "blocked"), _BLOCKED),
        (StatusRule("done"), _DONE),
        (StatusRule("cancelled"), _CANCELLED),
    )
    for word in _split(words)
}

CANCELLED_RESOLUTIONS = tuple(_split(_RESOLUTIONS))

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
KIND_FIELDS = tuple(_split("Type, Task Type, Work Type, Kind"))
STATUS_FIELDS = tuple(_split("Status, Task Status, Task Progress, Progress, Stage"))
