"""What a language model is asked, and how little of its answer is taken on trust."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from conflict import CONFLICT
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import HostUnavailable
from worker.model import Act, Attribution, Statement
from worker.ports import HttpRequest, HttpResponse, TaggerInput
from worker.tag.llm import answer_schema, chat_request, content_of, statements_from
from worker.tag.llm_tagger import LlmTagger, ProcessBudget
from worker.tag.rules import RuleTagger

TEXT = "Lena Dorsh said on Monday that Veldoria must stop the shelling at once. It rained in Port Anders."
RECORD = {
    "party": "ostania",
    "speaker": "lena dorsh",
    "act": "demand",
    "issue": "ceasefire",
    "target": "Veldoria",
    "conditional": False,
    "condition_issue": None,
    "attribution": "reported",
    "evidence": "Veldoria must stop the shelling at once",
}
NOW = datetime(2030, 5, 15, 12, tzinfo=UTC)


def answer(*records: object) -> str:
    return json.dumps({"statements": list(records)})


def believed(content: str, text: str = TEXT) -> tuple[Statement, ...] | None:
    return statements_from(content, text, CONFLICT)


def test_the_request_carries_schema_vocabulary_and_text() -> None:
    body = chat_request(TaggerInput(text=TEXT, title="Dorsh speaks"), CONFLICT, "small-model")
    system, user = body["messages"]
    assert body["model"] == "small-model"
    assert body["temperature"] == 0
    assert body["response_format"]["json_schema"]["schema"] == answer_schema(CONFLICT)
    assert "norland: Norland" in system["content"]
    assert "captives: captives" in system["content"]
    assert json.loads(user["content"]) == {"title": "Dorsh speaks", "text": TEXT}


def test_the_schema_allows_the_topics_ids_and_nothing_else() -> None:
    record = answer_schema(CONFLICT)["properties"]["statements"]["items"]
    assert record["properties"]["party"]["enum"] == ["ostania", "veldoria", "norland", "other", "both"]
    assert record["properties"]["act"]["enum"] == [str(act) for act in Act]
    assert record["additionalProperties"] is False
    assert set(record["required"]) == set(record["properties"]) == set(RECORD)


def test_a_record_is_placed_in_the_text_and_named_by_the_topic() -> None:
    (found,) = believed(answer(RECORD)) or ()
    assert TEXT[found.start : found.end] == found.evidence == RECORD["evidence"]
    assert (found.speaker, found.target, found.act, found.attribution) == (
        "Lena Dorsh", "veldoria", Act.DEMAND, Attribution.REPORTED,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"evidence": "Veldoria must stop shelling at once"},
        {"evidence": "VELDORIA must stop the shelling at once"},
        {"evidence": ""},
        {"evidence": None},
        {"party": "atlantis"},
        {"party": None},
        {"issue": "weather"},
        {"act": "shout"},
        {"act": ["demand"]},
    ],
)
def test_a_record_that_cannot_be_checked_is_dropped(change: dict[str, object]) -> None:
    assert believed(answer({**RECORD, **change})) == ()


def test_an_unknown_speaker_counts_only_if_the_article_names_it() -> None:
    invented, present = ({**RECORD, "speaker": name} for name in ("John Nobody", "Port Anders"))
    assert [s.speaker for s in believed(answer(invented)) or ()] == [None]
    assert [s.speaker for s in believed(answer(present)) or ()] == ["Port Anders"]


def test_a_condition_issue_needs_a_condition() -> None:
    (found,) = believed(answer({**RECORD, "condition_issue": "talks"})) or ()
    assert (found.conditional, found.condition_issue) == (False, None)


def test_the_same_record_twice_is_one() -> None:
    assert len(believed(answer(RECORD, RECORD)) or ()) == 1


def test_a_fence_around_the_answer_is_forgiven() -> None:
    assert len(believed(f"Here you are:\n```json\n{answer(RECORD)}\n```") or ()) == 1


@pytest.mark.parametrize("content", ["", "I cannot help with that.", "[]", "{}", '{"statements": 7}', "{" * 5000])
def test_an_answer_of_another_form_is_no_answer(content: str) -> None:
    assert believed(content) is None


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": 7}}]}', b"\xff"]
)
def test_a_body_without_a_completion_has_no_content(body: bytes) -> None:
    assert content_of(body) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(list(RECORD.values())),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*RECORD, "statements"]), inner, max_size=9)
        ),
        max_leaves=25,
    )
)
def test_no_answer_raises_and_every_evidence_is_exact(value: Any) -> None:
    for content in (json.dumps(value), json.dumps({"statements": value})):
        for found in believed(content) or ():
            assert TEXT[found.start : found.end] == found.evidence


class Stub:
    """An HTTP client that answers as told."""

    def __init__(self, *, status: int = 200, body: bytes = b"", error: Exception | None = None) -> None:
        self.status, self.body, self.error = status, body, error
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        if self.error:
            raise self.error
        return HttpResponse(status=self.status, headers={}, body=self.body, chain=(request.url,))


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


def tagger(http: Stub, calls_per_day: int = 10) -> LlmTagger:
    return LlmTagger(
        endpoint="https://model.example/v1/",
        model="small",
        http=http,
        fallback=RuleTagger(),
        clock=Noon(),
        budget=ProcessBudget(),
        calls_per_day=calls_per_day,
        timeout_s=3,
        credentials="llm",
    )


def completion(content: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


def test_the_models_records_come_with_its_name_and_their_codes() -> None:
    http = Stub(body=completion(answer(RECORD)))
    found = tagger(http).tag(TaggerInput(text=TEXT), CONFLICT)
    assert (found.tagger, found.fell_back, len(found.statements)) == ("llm:small", None, 1)
    assert found.statements[0].plover == "REQUEST"
    (request,) = http.requests
    assert (request.url, request.method, request.deadline_s) == ("https://model.example/v1/chat/completions", "POST", 3)
    assert (request.credentials, request.max_redirects) == ("llm", 0)


@pytest.mark.parametrize(
    ("http", "reason"),
    [
        (Stub(error=HostUnavailable("timed out")), "llm:small: no answer: timed out"),
        (Stub(status=503), "llm:small: the server answered 503"),
        (Stub(body=b"<html>"), "llm:small: the answer is not of the asked form"),
        (Stub(body=completion("no")), "llm:small: the answer is not of the asked form"),
    ],
)
def test_without_a_usable_answer_the_rules_answer_and_say_so(http: Stub, reason: str) -> None:
    found = tagger(http).tag(TaggerInput(text=TEXT), CONFLICT)
    assert (found.tagger, found.fell_back) == ("rules", reason)
    assert found.statements == RuleTagger().tag(TaggerInput(text=TEXT), CONFLICT).statements


def test_the_days_last_call_is_the_last() -> None:
    http = Stub(body=completion(answer()))
    asked = tagger(http, calls_per_day=2)
    reasons = [asked.tag(TaggerInput(text=TEXT), CONFLICT).fell_back for _ in range(3)]
    assert reasons == [None, None, "llm:small: the day's 2 calls are spent"]
    assert len(http.requests) == 2


def test_the_budget_begins_anew_each_day() -> None:
    budget = ProcessBudget()
    days = [date(2030, 5, 15), date(2030, 5, 15), date(2030, 5, 16)]
    assert [budget.spend(day, 1) for day in days] == [True, False, True]
