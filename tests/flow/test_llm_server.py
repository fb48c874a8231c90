"""The model back-end over real HTTP: a stand-in server on loopback that answers well, badly, late and not at all."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from web_server import Handler, Web, dripping, serving

from worker.adapters.http_client import Credential, GuardedHttpClient, HttpLimits
from worker.ports import TaggerInput, TaggerOutput
from worker.settings.yaml_source import read_yaml
from worker.tag.llm_tagger import LlmTagger, ProcessBudget
from worker.tag.rules import RuleTagger
from worker.topic_mapping import topic_from_mapping

TOPIC = topic_from_mapping(read_yaml(Path(__file__).parents[1] / "data/topics/aldmark-verenia.yml", "topic").value)
TEXT = "Ada Ferrum told reporters that Verenia must open the bridges before any talks begin."
PATH = "/v1/chat/completions"


class Morning:
    def now(self) -> datetime:
        return datetime(2030, 5, 15, 9, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as server:
        yield server


def ask(web: Web, *, allowed: bool = True, timeout_s: float = 5) -> TaggerOutput:
    limits = HttpLimits(allow_hosts=frozenset({web.host} if allowed else ()))
    secrets = {"llm": Credential("Authorization", "Bearer key")}
    with closing(GuardedHttpClient(agent="test", limits=limits, credentials=secrets)) as http:
        tagger = LlmTagger(
            endpoint=web.url("/v1"),
            model="stand-in",
            http=http,
            fallback=RuleTagger(),
            clock=Morning(),
            budget=ProcessBudget(),
            timeout_s=timeout_s,
            credentials="llm",
        )
        return tagger.tag(TaggerInput(text=TEXT), TOPIC)


def reading_server(handler: Handler) -> None:
    """Answer as a model would: quote the article that came in the request."""
    asked = json.loads(handler.server.bodies[-1])
    article = json.loads(asked["messages"][1]["content"])
    record = {
        "party": "aldmark", "speaker": "Ada Ferrum", "act": "demand", "issue": "river-crossing", "target": "verenia",
        "conditional": False, "condition_issue": None, "attribution": "reported", "evidence": article["text"][31:83],
    }  # fmt: skip
    content = json.dumps({"statements": [record, {**record, "evidence": "Verenia should open its bridges"}]})
    handler.answer(json.dumps({"choices": [{"message": {"content": content}}]}).encode())


def test_a_server_that_quotes_is_believed_and_one_that_paraphrases_is_not(web: Web) -> None:
    web.routes[PATH] = reading_server
    found = ask(web)
    assert found.fell_back is None
    assert [s.evidence for s in found.statements] == ["Verenia must open the bridges before any talks begin"]
    assert web.server.seen[0][2]["authorization"] == "Bearer key"


def test_a_server_that_is_late_is_not_waited_for(web: Web) -> None:
    web.routes[PATH] = lambda handler: handler.stream(dripping(0.2))
    found = ask(web, timeout_s=1)
    assert found.tagger == "rules"
    assert str(found.fell_back).startswith("llm:stand-in: no answer")


def test_a_server_in_trouble_is_named(web: Web) -> None:
    web.page(PATH, b"overloaded", status=429)
    assert ask(web).fell_back == "llm:stand-in: the server answered 429"


def test_a_redirect_is_not_followed_with_the_key(web: Web) -> None:
    web.redirect(PATH, web.url("/elsewhere"), status=307)
    assert ask(web).fell_back == "llm:stand-in: the server answered 307"
    assert web.asked("/elsewhere") == 0


def test_an_inner_address_that_nobody_allowed_is_not_asked(web: Web) -> None:
    web.routes[PATH] = reading_server
    found = ask(web, allowed=False)
    assert found.tagger == "rules"
    assert web.asked(PATH) == 0
