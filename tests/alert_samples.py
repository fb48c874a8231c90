"""Rules, gradings and outbox rows for tests of alerts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fake_results import FakeResultStore
from stories import article, moment, statement, tagged

from worker.alert.rule_form import RuleDefaults, rules_from_mapping
from worker.alert.rules import RuleBook
from worker.alert.service import enqueue
from worker.model import Article, GradedStatement, Level
from worker.ports import Delivery, Document, Kind, Message

EVIDENCE = "Vesmar demanded that Ostrania pull its troops back within 10 days."


@dataclass(frozen=True)
class Graded:
    graded: tuple[GradedStatement, ...] = ()
    regraded: tuple[Any, ...] = ()


def book(*rules: dict[str, Any], per_hour: int = 30, channels: tuple[str, ...] = ("desk",)) -> RuleBook:
    form = {
        "channels": {name: {"kind": "console", "per_hour": per_hour} for name in channels},
        "rules": [{"id": "news", "channels": list(channels), **rule} for rule in rules or ({},)],
    }
    return rules_from_mapping(form, RuleDefaults())


def graded(
    name: str = "a", *, level: Level = Level.FIRST, families: tuple[str, ...] = ("kell",), **said: Any
) -> GradedStatement:
    values: dict[str, Any] = {"target": "ostrania", "speaker": "Ilva Renn", "terms": ("10 days",)} | said
    act, evidence = values.pop("act", "demand"), values.pop("evidence", EVIDENCE)
    found = tagged(statement(act, values.pop("issue", "troop-withdrawal"), evidence, **values), name)
    return GradedStatement(
        tagged=found,
        level=level,
        reason=f"{found.statement.party} says it for the first time",
        previous_statement_id="earlier",
        publishers=("kell-courier",),
        families=families,
    )


def put(
    store: FakeResultStore,
    rules: RuleBook,
    *statements: GradedStatement,
    now: datetime | None = None,
    text: Article | None = None,
    regraded: tuple[Any, ...] = (),
) -> list[Document]:
    """Enqueue and return all rows there are, in id order."""
    enqueue(store, Graded(statements, regraded), text or article("a"), rules, now=now or moment(0))
    return rows(store)


def rows(store: FakeResultStore) -> list[Document]:
    return [document for _, document in sorted(store.all(Kind.ALERTS).items())]


@dataclass
class CountingChannel:
    """Answers with the deliveries given, the last one for ever."""

    id: str = "desk"
    answers: list[Delivery] = field(default_factory=lambda: [Delivery(ok=True)])
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Delivery:
        self.sent.append(message)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
