from itertools import product

import pytest

from worker.ledger import TRANSITIONS, WORKING, Event, Stage, next_stage
from worker.outcomes import MEANINGS, POLL_MEANINGS, Outcome, PollOutcome


def test_a_lost_body_sends_an_item_back_to_be_fetched():
    assert next_stage(Stage.FETCHED, Event.REFETCH) is Stage.QUEUED


@pytest.mark.parametrize(("stage", "event"), [p for p in product(Stage, Event) if p not in TRANSITIONS])
def test_what_the_table_does_not_name_is_refused(stage, event):
    with pytest.raises(ValueError, match=f"an item that is {stage} cannot {event}"):
        next_stage(stage, event)


def test_every_stage_can_be_left_so_that_nothing_is_stuck():
    assert {stage for stage, _ in TRANSITIONS} == set(Stage)


def test_every_working_stage_can_end_well_and_badly():
    for stage in WORKING:
        assert next_stage(stage, Event.SETTLE) is Stage.SETTLED
        assert next_stage(stage, Event.PARK) is Stage.PARKED


def test_every_outcome_is_explained():
    assert set(MEANINGS) == set(Outcome)
    assert set(POLL_MEANINGS) == set(PollOutcome)
