import json
import logging

import pytest
from billiard.util import get_logger

from worker.log import configure, logger, redact


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("redis://user:pass@host/0", "redis://***@host/0"),
        ("https://a.example/x?api_key=abc&y=1", "https://a.example/x?api_key=***&y=1"),
        ("two\nlines \x1b[31m", "two lines [31m"),
        ("mail@example.org", "mail@example.org"),
    ],
)
def test_secrets_in_addresses_and_line_breaks_are_cut(value, safe):
    assert redact(value) == safe


def test_one_event_is_one_line_of_json_whatever_its_values(capsys):
    configure(secrets=("hunter2secret",))
    logger("x").warning(
        "feed_deferred", title='a\nb\r{"x":1}\u202e', url="https://u:p@h.example/", token="hunter2secret"
    )
    (event,) = lines(capsys)
    assert event["event"] == "feed_deferred"
    assert event["title"] == 'a b {"x":1}'
    assert event["url"] == "https://***@h.example/"
    assert event["token"] == "***"
    assert event["level"] == "warning"


def test_the_standard_librarys_loggers_speak_the_same_way_and_traces_keep_no_secret(capsys):
    configure(secrets=("hunter2secret",))
    try:
        int("bad hunter2secret")
    except ValueError:
        logging.getLogger("some.library").exception("it failed")
    (event,) = lines(capsys)
    assert event["event"] == "it failed"
    assert "hunter2secret" not in json.dumps(event)
    assert "ValueError" in event["exception"]


def test_a_level_silences_what_is_below(capsys):
    configure(level="WARNING")
    logger("x").info("quiet")
    assert lines(capsys) == []


def test_the_pool_of_children_speaks_the_same_way_though_its_logger_stands_alone(capsys):
    configure()
    get_logger().error("Process %r exited with %r", "child-1", "signal 9")
    (event,) = lines(capsys)
    assert event["event"] == "Process 'child-1' exited with 'signal 9'"
