import ast
import inspect
from pathlib import Path

import worker
from worker.adapters.celery_app import ROUTES
from worker.pipeline import STEPS
from worker.work import process_item

ROOT = Path(worker.__file__).parent


def test_every_step_is_a_folder_and_every_stage_folder_is_a_step():
    stages = {"feeds", "fetch", "extract", "dedup", "tag", "index", "novelty", "alert"}
    assert [step.folder for step in STEPS] == [step.folder for step in STEPS if (ROOT / step.folder).is_dir()]
    assert {step.folder for step in STEPS} == stages


def test_the_processor_calls_the_stages_in_the_order_of_the_steps():
    source = inspect.getsource(process_item._publish)
    names = {
        "dedup": "dedup.place",
        "tag": "tag(",
        "index": "indexing.write_article",
        "novelty": "novelty.grade_article",
    }
    names["alert"] = "alerting.enqueue"
    places = [source.index(names[step.folder]) for step in STEPS if step.folder in names]
    assert places == sorted(places)


def test_nothing_settles_before_alerts_and_alias_are_written():
    tree = ast.parse(inspect.getsource(process_item._publish))
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not any("settle" in call for call in calls)


def test_steps_run_on_queues_that_exist():
    assert {step.queue for step in STEPS} <= set(ROUTES.values())
