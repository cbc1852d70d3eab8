"""The words for where an item stands, in several languages, all folded: one table for the default profile.

A word that means one thing in one language and another in the next ("Pronto") is left out, and so is a bare noun that
may as well name a part of the work ("Design"): what no table covers is reported, never guessed. A tracker's own category
always goes before these.
"""

# ruff: noqa: RUF001, E501 - words of many alphabets, in tables that are easier to read when long

from __future__ import annotations

from sync.mapping.profile import StatusRule, fold
from sync.mapping.words import table

_TODO = (
    "To Do, Todo, Open, New, Backlog, Icebox, Reopened, Created, Not Started, Planned, Ready, "
    "Selected for Development, Ready for Development, Draft, Proposed, Submitted, Triage, Awaiting Triage, "
    "Requested, Next, Next Up, Inbox, Untitled Section, Recently Assigned, Upcoming, Later, Accepted for Work, "
    "Zu erledigen, Offen, Neu, Wiedereröffnet, À faire, Ouvert, Nouveau, Por hacer, Tareas por hacer, Abierto, "
    "Abierta, Nuevo, Pendiente, A fazer, Aberto, Da fare, Te doen, 待办, 新建, 打开, 重新打开, 未开始, К выполнению, Открыт, "
    "Новый, Сделать, Переоткрыт, 未着手, 할 일, "
    "Ready for Dev, Ready to Start, Queued, Queue, Scheduled, Idea, Ideas, Unstarted, Assigned, On Deck, "
    "Product Backlog, Sprint Backlog, To Be Done, "
    "Zu tun, Geplant, Nicht begonnen, Nicht gestartet, Ausstehend, Bereit, Bereit für Entwicklung, "
    "Ausgewählt für Entwicklung, Erneut geöffnet, Ideen, "
    "A faire, Ouverte, Nouvelle, Réouvert, Rouvert, Non commencé, Non démarré, Pas commencé, Planifié, Prêt, "
    "Prêt pour le développement, Sélectionné pour le développement, Idées, "
    "Nueva, Pendientes, Sin empezar, Sin iniciar, No iniciado, No iniciada, Planificado, Reabierto, Reabierta, "
    "Listo para desarrollo, Seleccionado para desarrollo, "
    "Para fazer, Pendente, Pendentes, Aberta, Novo, Nova, Não iniciado, Não iniciada, Planejado, Reaberto, "
    "Reaberta, Selecionado para desenvolvimento, Pronto para desenvolvimento, "
    "Aperto, Aperta, Nuovo, Nuova, Non iniziato, Non avviato, Pianificato, Riaperto, "
    "Selezionato per lo sviluppo, Idee, "
    "Nog te doen, Nieuw, Niet gestart, Niet begonnen, Gepland, Heropend, Geselecteerd voor ontwikkeling, "
    "Klaar voor ontwikkeling, Ideeën, "
    "Do zrobienia, Do wykonania, Otwarte, Otwarty, Nowe, Nowy, Nierozpoczęte, Zaplanowane, Ponownie otwarte, "
    "Wybrane do realizacji, Pomysły, "
    "Открыто, Открыта, Новая, Новые, Переоткрыто, Не начато, Не начата, Запланировано, Бэклог, Беклог, Очередь, "
    "В очереди, Надо сделать, Нужно сделать, Готово к разработке, Выбрано для разработки, Идеи, "
    "待处理, 待开发, 待办事项, 新增, 开启, 待排期, 待规划, 待开始, 已计划, 需求池, 待辦, 待處理, 待辦事項, 未開始, 重新開啟, "
    "未対応, 未完了, 新規, 予定, オープン, 再オープン, 作業前, 開始前, やること, バックログ, アイデア, 시작 전, 예정, 신규, 열림, 백로그"
)
_DOING = (
    "In Progress, Doing, Fazendo, Haciendo, Started, In Development, Development, Active, Work in Progress, WIP, "
    "Implementing, Ongoing, Testing, In Test, In Testing, In QA, QA, Verification, In Arbeit, In Bearbeitung, "
    "In Entwicklung, En cours, En curso, En progreso, Em andamento, Em progresso, In corso, Mee bezig, 进行中, 处理中, "
    "开发中, В работе, В процессе, 進行中, 진행 중, "
    "In Dev, Working on It, In Implementation, In Execution, In Analysis, In Design, Investigating, Underway, "
    "In Flight, UAT, In UAT, "
    "In Umsetzung, Laufend, Begonnen, Gestartet, Wird bearbeitet, In Analyse, Im Test, "
    "En cours de réalisation, En cours de développement, En développement, Commencé, Démarré, En traitement, "
    "En analyse, En test, "
    "En proceso, En desarrollo, En ejecución, En marcha, En análisis, Iniciado, Iniciada, En pruebas, "
    "Em desenvolvimento, Em execução, Em curso, Em análise, Em teste, Em testes, "
    "In lavorazione, In sviluppo, In esecuzione, Iniziato, Avviato, In analisi, "
    "Bezig, In behandeling, In uitvoering, In ontwikkeling, Gestart, Onderhanden, "
    "W toku, W trakcie, W trakcie realizacji, W realizacji, Rozpoczęte, W testach, "
    "В разработке, Выполняется, Делается, Делаю, Делаем, Начато, Тестирование, В тестировании, На тестировании, "
    "设计中, 测试中, 执行中, 实现中, 分析中, 验证中, 已开始, 正在进行, 正在处理, 處理中, 開發中, 測試中, 設計中, "
    "作業中, 対応中, 処理中, 着手, 着手中, 実施中, 実行中, 開発中, 調査中, テスト中, 진행중, 작업 중, 개발 중"
)
_WAIT = (
    "In Review, Review, Code Review, Peer Review, Under Review, To Validate, Waiting, Waiting for Customer, "
    "Waiting for Support, Waiting for Approval, Awaiting Approval, Pending, Pending Approval, Ready for Test, "
    "Ready for QA, Ready for Review, Ready to Deploy, In QE Test, Wartet, In Prüfung, En attente, En revisión, "
    "En espera, Em revisão, 待审核, 评审中, На проверке, Ожидание, レビュー中, "
    "Reviewing, In Code Review, Ready for Code Review, Ready for Testing, Ready for UAT, Ready for Release, "
    "Ready for Deployment, To Review, To Test, To Deploy, Needs Review, Needs Info, Waiting for Review, "
    "Awaiting Review, Waiting for Feedback, Awaiting Feedback, Waiting for Release, Awaiting Release, "
    "Waiting for Deployment, Waiting on Customer, Waiting for, In Approval, Pending Review, Pending Release, "
    "Wartend, Warten, Warten auf Kunden, Warten auf Freigabe, In Überprüfung, Überprüfung, Zu prüfen, "
    "In Abnahme, Zur Abnahme, "
    "En revue, En révision, Revue de code, À valider, En validation, En attente de validation, À vérifier, "
    "À relire, "
    "Revisión, Revisando, Esperando, Por revisar, Pendiente de revisión, Pendiente de aprobación, En validación, "
    "En aprobación, "
    "Revisão, Em espera, Aguardando, Aguardando aprovação, Em aprovação, Em validação, Para revisar, "
    "In attesa, In revisione, Revisione, Da verificare, In verifica, Da approvare, In approvazione, "
    "Wachten, Wachtend, Wachten op klant, In afwachting, In beoordeling, Ter beoordeling, Te beoordelen, "
    "Ter goedkeuring, "
    "Oczekuje, Oczekujące, Oczekiwanie, W oczekiwaniu, Do sprawdzenia, Do przeglądu, Do akceptacji, Weryfikacja, "
    "W weryfikacji, W przeglądzie, "
    "Проверка, К проверке, Ожидает, Ожидает проверки, Ожидает ответа, В ожидании, Ждёт, Ждет, На ревью, Ревью, "
    "Код-ревью, На согласовании, Согласование, На рассмотрении, На утверждении, Готово к тестированию, "
    "审核中, 待评审, 待测试, 待发布, 待上线, 待验证, 待验收, 待确认, 待审批, 审批中, 验收中, 等待, 等待中, 代码评审, 代码审查, 待審核, 審核中, 待測試, "
    "レビュー, レビュー待ち, 確認中, 確認待ち, 承認待ち, テスト待ち, リリース待ち, 待機中, 검토 중, 리뷰 중, 대기 중"
)
_BLOCKED = (
    "Blocked, Blocker, Impeded, On Hold, Hold, Paused, Stopped, Blockiert, Pausiert, Angehalten, Bloqué, "
    "Bloqueado, Bloqueada, En pause, 阻塞, 暂停, Заблокировано, Приостановлено, ブロック, "
    "On-Hold, Blocked / On Hold, Stuck, Suspended, Frozen, Halted, Parked, "
    "Zurückgestellt, Gestoppt, Unterbrochen, Auf Eis, Bloquée, Suspendu, Suspendue, Arrêté, En pausa, Em pausa, "
    "Pausado, Pausada, Detenido, Detenida, Suspendido, Suspenso, Impedido, Impedida, Parado, Travado, "
    "Bloccato, Bloccata, In pausa, Sospeso, Sospesa, Geblokkeerd, Gepauzeerd, Opgeschort, Zablokowane, "
    "Zablokowany, Wstrzymane, Wstrzymany, Zawieszone, "
    "Заблокирован, Заблокирована, Приостановлен, На паузе, Пауза, Отложено, 受阻, 被阻塞, 已阻塞, 已暂停, 挂起, 已挂起, 挂起中, 搁置, "
    "已搁置, 暫停, 擱置, ブロック中, 保留, 保留中, 停止中, 中断, 中断中, 一時停止, 보류, 차단됨"
)
_DONE = (
    "Done, Closed, Resolved, Complete, Completed, Finished, Fixed, Released, Deployed, Delivered, Verified, "
    "Accepted, Approved, Shipped, Live, Achieved, Fertig, Erledigt, Abgeschlossen, Geschlossen, Gelöst, Terminé, "
    "Terminée, Fait, Fermé, Résolu, Hecho, Listo, Finalizado, Finalizada, Cerrado, Cerrada, Resuelto, Concluído, "
    "Feito, Fechado, Completato, Fatto, Klaar, Gereed, 已完成, 完成, 已关闭, 关闭, 已解决, 解决, Готово, Выполнено, Закрыт, "
    "Закрыто, Решен, Завершено, 完了, 완료, "
    "Implemented, Merged, Solved, Published, In Production, Launched, Signed Off, Finalized, "
    "Fertiggestellt, Behoben, Beendet, Umgesetzt, Veröffentlicht, Abgenommen, Ausgeliefert, Freigegeben, "
    "Faite, Fermée, Résolue, Clos, Clôturé, Clôturée, Achevé, Livré, Livrée, Validé, Fini, Publié, Corrigé, "
    "Déployé, "
    "Hecha, Completado, Completada, Completo, Terminado, Terminada, Resuelta, Realizado, Entregado, Aprobado, "
    "Publicado, "
    "Concluída, Feita, Fechada, Resolvido, Resolvida, Entregue, Aprovado, Encerrado, "
    "Completata, Fatta, Chiuso, Chiusa, Risolto, Risolta, Finito, Concluso, Terminato, Rilasciato, Consegnato, "
    "Approvato, "
    "Voltooid, Afgerond, Gesloten, Opgelost, Gedaan, Opgeleverd, Afgesloten, Goedgekeurd, "
    "Gotowe, Zrobione, Zakończone, Zakończony, Zamknięte, Zamknięty, Rozwiązane, Ukończone, Wykonane, Wdrożone, "
    "Zaakceptowane, "
    "Выполнен, Закрыта, Решён, Решено, Решена, Завершен, Завершён, Завершена, Сделано, Исправлено, Принято, "
    "Выпущено, Внедрено, "
    "已发布, 已上线, 已验收, 已结束, 结束, 已修复, 已实现, 已交付, 已验证, 已完结, 已解決, 已關閉, 關閉, 已結束, 已發布, "
    "完了済み, 対応済み, 対応済, 解決済み, 解決済, 処理済み, リリース済み, 終了, クローズ, クローズ済み, 済, 완료됨, 종료, 해결됨"
)
_CANCELLED = (
    "Cancelled, Canceled, Won't Do, Wont Do, Won't Fix, Rejected, Declined, Dropped, Abandoned, Duplicate, "
    "Invalid, Obsolete, Withdrawn, Not Doing, Discarded, Abgebrochen, Abgelehnt, Storniert, Verworfen, Annulé, "
    "Rejeté, Cancelado, Cancelada, Rechazado, Annullato, 已取消, 取消, 已拒绝, Отменен, Отменено, Отклонено, キャンセル, "
    "Aborted, Won't Implement, Will Not Do, Not Needed, No Longer Needed, Not Planned, Superseded, Voided, "
    "Zurückgewiesen, Gestrichen, Entfällt, Hinfällig, Annulée, Rejetée, Abandonné, Abandonnée, Refusé, Refusée, "
    "Sans suite, "
    "Rechazada, Descartado, Descartada, Anulado, Anulada, Abandonado, Desestimado, Rejeitado, Rejeitada, "
    "Recusado, Não será feito, "
    "Annullata, Rifiutato, Respinto, Scartato, Abbandonato, Cancellato, Geannuleerd, Afgewezen, Vervallen, "
    "Afgebroken, Anulowane, Anulowany, Odrzucone, Odrzucony, Porzucone, "
    "Отменён, Отменена, Отклонен, Отклонён, Отклонена, Не будет сделано, 拒绝, 已作废, 作废, 已废弃, 废弃, 已终止, 终止, 不做, 已放弃, "
    "已拒絕, 已作廢, "
    "キャンセル済み, 中止, 却下, 取り下げ, 対応しない, 破棄, 棄却, 취소, 취소됨, 반려"
)
_RESOLUTIONS = (
    "Won't Do, Wont Do, Won't Fix, Wontfix, Duplicate, Cannot Reproduce, Can't Reproduce, Invalid, Not a Bug, Not Our Bug, "
    "Cancelled, Canceled, Declined, Rejected, Obsolete, Abandoned, Not Applicable, Works as Designed, Withdrawn, "
    "Wird nicht erledigt, Duplikat, Nicht reproduzierbar, Ungültig, Abgelehnt, Ne sera pas fait, Doublon, "
    "Impossible à reproduire, No se hará, Duplicado, Duplicada, No se puede reproducir, 不做, 重复, 无法重现, 无效, "
    "Не будет исправлено, Дубликат, Не воспроизводится, Отклонено"
)

STATUSES = table(
    (
        (StatusRule("todo"), _TODO),
        (StatusRule("in_progress"), _DOING),
        (StatusRule("in_progress", "wait"), _WAIT),
        (StatusRule("in_progress", "blocked"), _BLOCKED),
        (StatusRule("done"), _DONE),
        (StatusRule("cancelled"), _CANCELLED),
    )
)

CANCELLED_RESOLUTIONS = tuple(fold(word) for word in _RESOLUTIONS.split(","))
