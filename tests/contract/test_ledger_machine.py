"""The ledger against a model, over a real Redis: any order of polls, claims, crashes, ends and clock jumps."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import servers_redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.ledger import LEASE_S, MAX_ATTEMPTS, Claim, NewItem, PollCommit, Stage
from worker.model import FeedEntry
from worker.outcomes import Outcome

pytestmark = [pytest.mark.redis, pytest.mark.slow]
ITEMS = st.sampled_from(["a", "b"])
FEEDS = st.sampled_from(["wire", "agency"])
WORDS = st.sampled_from(["v1", "v2"])
WORKING = st.sampled_from([Stage.QUEUED, Stage.FETCHED])
SECONDS = st.sampled_from([0.5, 5.0, 44.0, 46.0, 700.0, -3_600.0, 3_600.0])


class LedgerMachine(RuleBasedStateMachine):
    """Whatever happens: no item is lost, no two living claims, no outcome counted twice, all ends settled or parked."""

    url: str
    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.prefix = servers_redis.fresh_prefix()
        self.link = RedisLink(self.url, self.prefix)
        self.ledger = RedisLedger(self.link)
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.seen: set[str] = set()
        self.created = self.ended = 0
        self.holders: dict[str, Claim] = {}
        self.poll("wire", {"a": "v1"})

    def teardown(self) -> None:
        if hasattr(self, "link"):
            self.bring_everything_to_an_end()
            self.link.close()
            servers_redis.remove_keys(self.url, self.prefix)

    @rule(feed=FEEDS, entries=st.dictionaries(ITEMS, WORDS, max_size=2))
    def poll(self, feed: str, entries: dict[str, str]) -> None:
        items = tuple(item(item_id, feed, words) for item_id, words in entries.items())
        result = self.ledger.commit_poll(PollCommit(feed_id=feed, state={}, due_at=self.now, items=items), now=self.now)
        assert set(result.new) == set(entries) - self.seen
        assert len(result.new) + len(result.reopened) + result.known == len(entries)
        self.seen |= set(entries)
        self.created += len(result.new)

    @rule(target=claims, item_id=ITEMS, stage=WORKING)
    def claim(self, item_id: str, stage: Stage) -> Any:
        before = self.ledger.get(item_id)
        risky = stage is Stage.FETCHED
        answer = self.ledger.claim(item_id, stage, owner=f"w{self.now}", now=self.now, risky=risky)
        if not isinstance(answer, Claim):
            return None
        assert before
        assert before.stage is stage
        assert not (before.lease_until and before.lease_until > self.now), "two workers hold one item"
        assert answer.record.attempts == before.attempts + risky <= MAX_ATTEMPTS
        assert answer.lease_until == self.now + timedelta(seconds=LEASE_S)
        self.holders[item_id] = answer
        return answer

    @rule(claim=consumes(claims), how=st.sampled_from(["fetched", "refetch", "defer", "fail", "settle", "crash"]))
    def end_claim(self, claim: Claim | None, how: str) -> None:
        if claim is None or how == "crash":
            return
        current = self.holders.get(claim.record.item_id) is claim
        stage = claim.record.stage
        done = {
            "fetched": lambda: self.ledger.fetched(claim, "cap", now=self.now),
            "refetch": lambda: self.ledger.refetch(claim, now=self.now),
            "defer": lambda: self.ledger.defer(claim, self.now + timedelta(seconds=60), "later", now=self.now),
            "fail": lambda: self.ledger.fail(claim, "error", "trace", now=self.now),
            "settle": lambda: self.ledger.settle(claim, Outcome.INDEXED, now=self.now),
        }[how]()
        fits = {"fetched": Stage.QUEUED, "refetch": Stage.FETCHED}.get(how, stage) is stage
        assert done == (current and fits), "only the last claim changes an item"
        if done:
            del self.holders[claim.record.item_id]
            self.ended += how == "settle"

    @rule(claim=consumes(claims))
    def settle_twice(self, claim: Claim | None) -> None:
        if claim is None:
            return
        first = self.ledger.settle(claim, Outcome.INDEXED, now=self.now)
        assert not self.ledger.settle(claim, Outcome.INDEXED, now=self.now)
        self.ended += first
        if first:
            del self.holders[claim.record.item_id]

    @rule(item_id=ITEMS)
    def release(self, item_id: str) -> None:
        record = self.ledger.get(item_id)
        assert self.ledger.release(item_id, now=self.now) == (record is not None and record.stage is Stage.PARKED)

    @rule(item_id=ITEMS)
    def drop(self, item_id: str) -> None:
        self.ended += self.ledger.drop(item_id, now=self.now)

    @rule(stage=WORKING)
    def reconcile(self, stage: Stage) -> None:
        for item_id in self.ledger.due(stage, now=self.now, limit=10):
            record = self.ledger.get(item_id)
            assert record
            assert record.stage is stage
        assert self.ledger.due(stage, now=self.now, limit=10) == [], "nothing is rung twice at once"

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def no_item_is_lost(self) -> None:
        if hasattr(self, "ledger"):
            assert all(self.ledger.get_many(sorted(self.seen)))

    @invariant()
    def the_numbers_add_up(self) -> None:
        if hasattr(self, "ledger"):
            counts = self.ledger.counts()
            assert sum(counts[stage.value] for stage in Stage) == self.created
            outcomes = sum(number for name, number in counts.items() if name.startswith("outcome:"))
            assert outcomes == self.ended

    def bring_everything_to_an_end(self) -> None:
        self.holders.clear()
        for _ in range(40):
            self.now += timedelta(seconds=700)
            ids = [
                (stage, i)
                for stage in (Stage.QUEUED, Stage.FETCHED)
                for i in self.ledger.due(stage, now=self.now, limit=10)
            ]
            for stage, item_id in ids:
                answer = self.ledger.claim(item_id, stage, owner="end", now=self.now, risky=stage is Stage.FETCHED)
                if isinstance(answer, Claim):
                    assert self.ledger.settle(answer, Outcome.INDEXED, now=self.now)
                    self.ended += 1
            records = self.ledger.get_many(sorted(self.seen))
            if all(record and record.stage in {Stage.SETTLED, Stage.PARKED} for record in records) and not ids:
                return
        raise AssertionError(f"still at work: {records}")


def item(item_id: str, feed_id: str, words: str) -> NewItem:
    entry = FeedEntry(identity=item_id, url=f"https://wire.example/{item_id}")
    return NewItem(item_id=item_id, feed_id=feed_id, entry=entry, entry_hash=words, topics=())


def test_the_ledger_keeps_its_promises_in_any_order(redis_url: str) -> None:
    machine = type("Machine", (LedgerMachine,), {"url": redis_url})
    examples = int(os.environ.get("STANCEWATCH_TEST_EXAMPLES", "60"))
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    case().runTest()
