"""A tagger that asks a language model behind an OpenAI-compatible server, and the rules when that does not answer."""

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256
from threading import Lock
from typing import Protocol

from worker.errors import StancewatchError
from worker.model import Statement
from worker.ports import Clock, HttpClient, HttpRequest, Tagger, TaggerInput, TaggerOutput
from worker.tag.llm import MOST_CHARACTERS, chat_request, content_of, statements_from
from worker.tag.plover import with_event_code
from worker.tag.terms import terms_of
from worker.topic import Topic

_OK = 200
_MOST_ANSWER_BYTES = 1_000_000
PROMPT_VERSION = "1"
"""Raised whenever the prompt, the schema or the reading of answers changes."""


class DailyBudget(Protocol):
    """A day's allowance of calls, shared by all workers that share the budget's store."""

    def spend(self, day: date, limit: int) -> bool:
        """Count one call and return True, or return False and count nothing if the day's limit is reached."""
        ...


class ProcessBudget:
    """A budget of this process alone: with N workers a day holds N times the limit."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._day: date | None = None
        self._spent = 0

    def spend(self, day: date, limit: int) -> bool:
        """Count one call if the limit allows it."""
        with self._lock:
            if day != self._day:
                self._day, self._spent = day, 0
            if self._spent >= limit:
                return False
            self._spent += 1
            return True


class LlmTagger:
    """Asks ``endpoint`` (up to and without ``/chat/completions``) for every article; ``fallback`` answers otherwise.

    ``credentials`` names the secret that the HTTP client sends. Never raises for any text or any answer.
    """

    languages = frozenset({"en"})

    def __init__(  # noqa: PLR0913 - a composition root names each of them
        self,
        *,
        endpoint: str,
        model: str,
        http: HttpClient,
        fallback: Tagger,
        clock: Clock,
        budget: DailyBudget,
        calls_per_day: int = 1_000,
        timeout_s: float = 15.0,
        credentials: str | None = None,
    ) -> None:
        self.name = f"llm:{model}"
        self.version = f"{PROMPT_VERSION}+{sha256(model.encode()).hexdigest()[:8]}"
        self._url = f"{endpoint.rstrip('/')}/chat/completions"
        self._model = model
        self._http = http
        self._fallback = fallback
        self._clock = clock
        self._budget = budget
        self._calls_per_day = calls_per_day
        self._timeout_s = timeout_s
        self._credentials = credentials

    def tag(self, document: TaggerInput, topic: Topic) -> TaggerOutput:
        """Return the model's believable records, or the rules' with the reason in ``fell_back``."""
        if not self._budget.spend(self._clock.now().date(), self._calls_per_day):
            return self._by_rules(document, topic, f"the day's {self._calls_per_day} calls are spent")
        content, reason = self._ask(document, topic)
        statements = None if content is None else statements_from(content, document.text[:MOST_CHARACTERS], topic)
        if statements is None:
            return self._by_rules(document, topic, reason or "the answer is not of the asked form")
        return TaggerOutput(
            statements=tuple(_completed(s, topic) for s in statements),
            read_chars=min(len(document.text), MOST_CHARACTERS),
            tagger=self.name,
            version=self.version,
        )

    def _ask(self, document: TaggerInput, topic: Topic) -> tuple[str | None, str]:
        """Return the model's text, or None and the reason."""
        request = HttpRequest(
            url=self._url,
            method="POST",
            headers={"content-type": "application/json", "accept": "application/json"},
            body=json.dumps(chat_request(document, topic, self._model)).encode(),
            max_bytes=_MOST_ANSWER_BYTES,
            deadline_s=self._timeout_s,
            max_redirects=0,
            credentials=self._credentials,
        )
        try:
            answer = self._http.send(request)
        except StancewatchError as error:
            return None, f"no answer: {error}"
        if answer.status != _OK:
            return None, f"the server answered {answer.status}"
        return content_of(answer.body), ""

    def _by_rules(self, document: TaggerInput, topic: Topic, reason: str) -> TaggerOutput:
        return replace(self._fallback.tag(document, topic), fell_back=f"{self.name}: {reason}")


def _completed(statement: Statement, topic: Topic) -> Statement:
    issue = next(i for i in topic.issues if i.id == statement.issue)
    return with_event_code(replace(statement, terms=terms_of(statement.evidence, topic)), issue)
