"""From the decision to the settled row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from alert_samples import CountingChannel, Graded, book, graded, put, rows
from fake_results import FakeResultStore
from fakes_work import FakeLeases
from stories import article, moment

from worker.alert.digest import Coverage, StandingDemand
from worker.alert.limits import mute, unmute
from worker.alert.outbox import SCHEDULE_S, acknowledged, claimed, resent
from worker.alert.periodic import Approaching, DigestNews, enqueue_digests, enqueue_reminders, enqueue_system, window
from worker.alert.rows import change_row, due_rows
from worker.alert.rules import RuleBook
from worker.alert.service import enqueue
from worker.alert.system import FeedSign, Limits, Signs, system_alerts
from worker.errors import StoreUnavailable
from worker.model import Level
from worker.ports import CREATE, Delivery, Document, Kind, Write, WriteResult, WriteStatus
from worker.work.deliver_alert import breaker_of, deliver

MINUTE = timedelta(minutes=1)


def states(found: list[Document]) -> list[str]:
    return [row["state"] for row in found]


def test_writing_twice_writes_once() -> None:
    store = FakeResultStore()
    once = put(store, book(channels=("desk", "mail")), graded())
    assert put(store, book(channels=("desk", "mail")), graded(), now=moment(3)) == once
    assert [(row["channel"], row["state"]) for row in sorted(once, key=lambda row: row["channel"])] == [
        ("desk", "pending"),
        ("mail", "pending"),
    ]
    assert once[0]["alert_id"] == once[1]["alert_id"]


def test_a_statement_that_must_not_page_writes_nothing() -> None:
    assert put(FakeResultStore(), book(), replace(graded(), pages=False)) == []


def test_a_shadow_rule_lists_and_sends_nothing() -> None:
    (row,) = put(FakeResultStore(), book({"shadow": True}), graded())
    assert (row["state"], row["state_reason"]) == ("suppressed", "shadow rule: would have been sent")


def test_a_cooldown_is_of_one_claim_and_survives_a_second_run() -> None:
    store, rules = FakeResultStore(), book({"cooldown_h": 6})
    put(store, rules, graded("a"))
    put(store, rules, graded("a"), now=moment(0.1))
    put(store, rules, graded("b"), now=moment(0.1), text=article("b"))
    put(store, rules, graded("c", issue="ceasefire"), now=moment(0.1), text=article("c"))
    put(store, rules, graded("d"), now=moment(0.3), text=article("d"))
    found = {row["article"]["id"]: row["state"] for row in rows(store)}
    assert found == {"a": "pending", "b": "suppressed", "c": "pending", "d": "pending"}


@pytest.mark.parametrize(
    "key", ["rule:news", "claim:vesmar-ostrania/vesmar/demand/troop-withdrawal", "party:vesmar-ostrania/vesmar"]
)
def test_what_is_muted_is_listed_and_not_sent(key: str) -> None:
    store = FakeResultStore()
    mute(store, key, until=moment(2), by="Ada", now=moment(0))
    put(store, book(), graded("a"), now=moment(1))
    put(store, book(), graded("b"), now=moment(3), text=article("b"))
    assert sorted(states(rows(store))) == ["pending", "suppressed"]
    unmute(store, key)
    put(store, book(), graded("c"), now=moment(1), text=article("c"))
    assert states(rows(store)).count("pending") == 2


def test_quiet_hours_put_a_message_off() -> None:
    (row,) = put(FakeResultStore(), book({"quiet": {"from": "07:00", "to": "09:30"}}), graded())
    assert (row["state"], row["due_at"]) == ("pending", "2031-03-01T09:30:00+00:00")


def test_of_many_matches_no_more_are_sent_than_the_cap_and_all_are_listed() -> None:
    store, rules, channel = FakeResultStore(), book(per_hour=10), CountingChannel()
    for number in range(300):
        _enqueue(store, rules, f"a{number}")
    listed = [row for row in rows(store) if row["kind"] == "alert"]
    assert (len(listed), states(listed).count("pending"), states(listed).count("suppressed")) == (300, 9, 291)
    for row in due_rows(store, now=moment(0.5), limit=1000):
        deliver(store, {"desk": channel}, row, now=moment(0.5), jitter=0)
    assert len(channel.sent) == 10
    assert channel.sent[-1].title == "Suppressed 291 more alerts in the hour from 2031-03-01 08:00 UTC"


def _enqueue(store: FakeResultStore, rules: RuleBook, name: str) -> None:
    enqueue(store, Graded((graded(name),)), article(name), rules, now=moment(0))


def test_a_sent_row_is_not_sent_again() -> None:
    store, channel = FakeResultStore(), CountingChannel()
    (row,) = put(store, book(), graded())
    assert deliver(store, {"desk": channel}, row["id"], now=moment(0), jitter=0) == "sent"
    assert deliver(store, {"desk": channel}, row["id"], now=moment(9), jitter=0) is None
    assert [message.id for message in channel.sent] == [row["alert_id"]]


def test_the_schedule_is_kept_until_the_dead_letter() -> None:
    store, channel = FakeResultStore(), CountingChannel(answers=[Delivery(ok=False, detail="HTTP 500")])
    (row,) = put(store, book(), graded())
    now, waits = moment(0), []
    for _ in range(60):
        state = deliver(store, {"desk": channel}, row["id"], now=now, jitter=0)
        if state == "failed":
            break
        (left,) = rows(store)
        later = moment(0).__class__.fromisoformat(left["due_at"])
        waits.append((later - now).total_seconds())
        now = later
    assert len(channel.sent) == len(SCHEDULE_S)
    assert sum(waits) == sum(SCHEDULE_S)
    assert {message.id for message in channel.sent} == {row["alert_id"]}
    assert (rows(store)[0]["state"], rows(store)[0]["detail"]) == ("failed", "HTTP 500")


def test_jitter_puts_off_by_at_most_a_fifth() -> None:
    store, channel = FakeResultStore(), CountingChannel(answers=[Delivery(ok=False)])
    (row,) = put(store, book(), graded())
    deliver(store, {"desk": channel}, row["id"], now=moment(0), jitter=1)
    assert rows(store)[0]["due_at"] == (moment(0) + timedelta(seconds=6)).isoformat()


def test_retry_after_is_kept_for_the_row_and_the_channel() -> None:
    store, channel = (
        FakeResultStore(),
        CountingChannel(answers=[Delivery(ok=False, retry_after_s=120), Delivery(ok=True)]),
    )
    one, two = put(store, book(), graded("a"), graded("b"))
    deliver(store, {"desk": channel}, one["id"], now=moment(0), jitter=0)
    deliver(store, {"desk": channel}, two["id"], now=moment(0), jitter=0)
    assert len(channel.sent) == 1
    assert {row["due_at"] for row in rows(store)} == {(moment(0) + timedelta(seconds=120)).isoformat()}
    assert sorted(row["attempts"] for row in rows(store)) == [0, 1]


def test_a_channel_that_fails_is_left_alone_and_others_do_not_notice() -> None:
    store = FakeResultStore()
    bad, good = CountingChannel("desk", [Delivery(ok=False)]), CountingChannel("mail")
    put(store, book(channels=("desk", "mail")), *(graded(name) for name in "abcdefgh"))
    for row in rows(store):
        deliver(store, {"desk": bad, "mail": good}, row["id"], now=moment(0), jitter=0)
    assert (len(bad.sent), len(good.sent)) == (5, 8)
    assert breaker_of(store, "desk").open_until == moment(0) + timedelta(seconds=60)


def test_a_channel_that_is_gone_gets_nothing_more() -> None:
    store, channel = FakeResultStore(), CountingChannel(answers=[Delivery(ok=False, detail="HTTP 410", final=True)])
    for row in put(store, book(), graded("a"), graded("b")):
        deliver(store, {"desk": channel}, row["id"], now=moment(0), jitter=0)
    assert len(channel.sent) == 1
    assert states(rows(store)) == ["failed", "failed"]
    assert breaker_of(store, "desk").gone == "HTTP 410"


def test_a_row_that_was_claimed_and_left_is_sent_when_the_lease_ends() -> None:
    store, channel = FakeResultStore(), CountingChannel()
    (row,) = put(store, book(), graded())
    change_row(store, row["id"], lambda current: claimed(current, moment(0)))
    assert deliver(store, {"desk": channel}, row["id"], now=moment(0) + timedelta(seconds=59), jitter=0) is None
    assert deliver(store, {"desk": channel}, row["id"], now=moment(0) + timedelta(seconds=60), jitter=0) == "sent"


class ForgetfulStore(FakeResultStore):
    """Takes no note that a row was sent while ``is_full``."""

    is_full = False

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        settles = any(each.document and each.document.get("state") == "sent" for each in writes)
        if self.is_full and settles:
            return [WriteResult(id=each.id, status=WriteStatus.LATER, reason="429") for each in writes]
        return super().write(writes)


def test_a_row_is_sent_once_though_the_store_refuses_to_hear_of_it() -> None:
    store, channel, marks = ForgetfulStore(), CountingChannel(), FakeLeases()
    (row,) = put(store, book(), graded())
    store.is_full = True
    for minute in range(3):
        with pytest.raises(StoreUnavailable):
            deliver(store, {"desk": channel}, row["id"], now=moment(0) + minute * MINUTE, jitter=0, marks=marks)
    store.is_full = False
    assert deliver(store, {"desk": channel}, row["id"], now=moment(0) + 3 * MINUTE, jitter=0, marks=marks) == "sent"
    assert len(channel.sent) == 1
    assert marks.owners == {}


def test_resend_gives_a_dead_letter_another_life_and_acknowledge_stops_a_waiting_one() -> None:
    store, channel = FakeResultStore(), CountingChannel()
    one, two = put(store, book(), graded("a"), graded("b"))
    change_row(store, one["id"], lambda row: {**row, "state": "failed", "attempts": 10})
    change_row(store, one["id"], lambda row: resent(row, moment(5)))
    change_row(store, two["id"], lambda row: acknowledged(row, moment(5), by="Ada"))
    for row in (one, two):
        deliver(store, {"desk": channel}, row["id"], now=moment(5), jitter=0)
    assert [message.id for message in channel.sent] == [one["alert_id"]]


@dataclass(frozen=True)
class Regraded:
    statement_id: str
    claim_key: str
    old: Level
    new: Level
    reason: str
    previous: str | None


def test_an_alert_that_was_told_gets_one_correction() -> None:
    store, channel, rules = FakeResultStore(), CountingChannel(), book()
    told = graded("b")
    (row,) = put(store, rules, told)
    deliver(store, {"desk": channel}, row["id"], now=moment(0), jitter=0)
    earlier = {"stance": {"evidence": "Leave, Vesmar told Ostrania."}, "@timestamp": moment(-2).isoformat()}
    store.write([Write(kind=Kind.STATEMENTS, id="older", document=earlier, token=CREATE)])
    change = Regraded(
        told.tagged.statement_id, told.tagged.claim_key, Level.FIRST, Level.REPEAT, "said before", "older"
    )
    for _ in range(2):
        put(store, rules, regraded=(change,), now=moment(1))
    correction = next(each for each in rows(store) if each["kind"] == "correction")
    assert len(rows(store)) == 2
    assert correction["message"]["title"] == f"Correction: {row['message']['title']}"
    assert "“Leave, Vesmar told Ostrania.”" in correction["message"]["text"]
    assert correction["message"]["data"]["corrects"] == row["alert_id"]


def test_a_digest_holds_what_came_between_its_times_and_says_how_well_we_looked() -> None:
    store, rules = FakeResultStore(), book({"digest": "0 7 * * *", "match": {"levels": ["first", "changed"]}})
    put(store, rules, graded("a"), now=moment(0))
    put(store, rules, graded("b", level=Level.CHANGED, party="kell"), now=moment(0.5), text=article("b"))
    put(store, rules, graded("c"), now=moment(1), text=article("c"))
    open_demand = StandingDemand(
        party="vesmar",
        target="ostrania",
        issue="ceasefire",
        age_days=9,
        sentence="Stop it.",
        answers=("ostrania rejects",),
    )
    news = DigestNews(
        coverage=Coverage(feeds_healthy=40, feeds_expected=42, articles=310, not_readable=4), demands=[open_demand]
    )
    morning = moment(1) - timedelta(minutes=50)
    assert enqueue_digests(store, rules, news, now=moment(1) - timedelta(minutes=60)) != []
    assert len(enqueue_digests(store, rules, news, now=morning)) == 1
    assert enqueue_digests(store, rules, news, now=morning + timedelta(minutes=5)) == []
    digest = max((row for row in rows(store) if row["kind"] == "digest"), key=lambda row: row["@timestamp"])
    assert digest["message"]["title"] == "Digest: 2 statements, 2031-03-01 07:00 to 2031-03-02 07:00 UTC"
    assert digest["message"]["text"] == (
        "NEW\nvesmar:\n"
        "  demand → ostrania, troop withdrawal: vesmar says it for the first time\n"
        "    “Vesmar demanded that Ostrania pull its troops back within 10 days.” kell-courier\n"
        "    https://kell-courier.example/a\n\n"
        "CHANGED\nkell:\n"
        "  demand → ostrania, troop withdrawal: kell says it for the first time\n"
        "    “Vesmar demanded that Ostrania pull its troops back within 10 days.” kell-courier\n"
        "    https://kell-courier.example/b\n\n"
        "STILL OPEN\nvesmar:\n  ceasefire → ostrania, open for 9 days, ostrania rejects:\n    “Stop it.”\n\n"
        "Coverage: 40 of 42 feeds healthy, 310 articles read, 4 not readable.\nUnreviewed machine reading."
    )


def test_a_digest_with_nothing_in_it_is_sent_all_the_same() -> None:
    store = FakeResultStore()
    enqueue_digests(store, book({"digest": "0 7 * * *"}), DigestNews(), now=moment(0))
    (row,) = rows(store)
    assert row["message"]["text"].startswith("Nothing new.\n\nCoverage: not known.")


def test_a_fresh_start_makes_no_digest_of_the_time_before_it() -> None:
    store = FakeResultStore()
    assert (
        enqueue_digests(store, book({"digest": "0 7 * * *"}), DigestNews(in_service_since=moment(0)), now=moment(0.1))
        == []
    )


def test_the_window_of_a_digest_ends_at_its_last_time() -> None:
    assert window("0 */6 * * *", moment(0)) == (moment(-1 / 12), moment(-1 / 3))


def test_a_deadline_that_comes_near_is_told_once() -> None:
    store, rules = FakeResultStore(), book({"deadline_within_h": 48}, {"id": "other"})
    near = Approaching(
        claim_key="t/vesmar/demand/ceasefire", party="vesmar", issue="ceasefire", topic="t", target="ostrania",
        deadline=moment(2), sentence="Stop by Monday.", url="https://kell.example/a",
    )  # fmt: skip
    assert enqueue_reminders(store, rules, [near], now=moment(-1)) == []
    assert len(enqueue_reminders(store, rules, [near], now=moment(1))) == 1
    assert enqueue_reminders(store, rules, [near], now=moment(1.5)) == []
    assert rows(store)[0]["message"]["title"] == "Deadline 2031-03-03 08:00 UTC: vesmar, ceasefire"


def test_trouble_of_the_service_goes_through_the_same_outbox_once_a_day() -> None:
    store, rules = FakeResultStore(), book(channels=("desk", "mail"))
    signs = Signs(
        feeds={
            "kell": FeedSign(last_new=moment(-3), usual_gap=timedelta(hours=2)),
            "orm": FeedSign(last_new=moment(-0.2), usual_gap=timedelta(minutes=5)),
        },
        last_article=moment(-0.5),
        oldest_due=moment(-0.1),
        parked=15,
        parked_before=2,
        unreachable={"result store": "refused the connection"},
    )
    found = system_alerts(signs, Limits(), now=moment(0))
    assert [(each.kind, each.subject) for each in found] == [
        ("feed-silent", "kell"), ("no-article", "all"), ("queue-age", "all"), ("quarantine", "all"), ("unreachable", "result store"),
    ]  # fmt: skip
    assert found[0].text == "Feed kell has had nothing new for 3 days; its longest usual gap is 2 h."
    assert len(enqueue_system(store, rules, found, now=moment(0))) == 10
    assert enqueue_system(store, rules, found, now=moment(0.2)) == []
    assert system_alerts(Signs(last_article=moment(0)), Limits(), now=moment(0)) == []
