import json
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from alert_samples import book, graded, put, rows
from fake_results import FakeResultStore
from hypothesis import given
from hypothesis import strategies as st
from stories import article, moment

from worker.alert.escape import Markup, escape_text, escape_title, markup_of
from worker.alert.feeds import alert_items, atom_feed, json_feed
from worker.model import Attribution, Level
from worker.ports import CREATE, Kind, Write


def test_a_message_says_why_who_what_and_how_sure() -> None:
    store = FakeResultStore()
    earlier = {
        "stance": {"evidence": "Vesmar said it asked for nothing."},
        "@timestamp": moment(-20).isoformat(),
        "publisher": {"name": "orm-post"},
    }
    store.write([Write(kind=Kind.STATEMENTS, id="earlier", document=earlier, token=CREATE)])
    said = graded(
        level=Level.CHANGED,
        conditional=True,
        condition_issue="ceasefire",
        attribution=Attribution.DIRECT,
        deadline=moment(10),
        families=("kell", "orm"),
    )
    (row,) = put(store, book(), said)
    assert row["message"]["title"] == "Changed position: vesmar → ostrania: demand, troop withdrawal"
    assert row["message"]["text"] == (
        "Changed position: Vesmar says it for the first time.\n\n"
        "vesmar → ostrania\nAct: demand\nIssue: troop withdrawal\nCondition: ceasefire\nDeadline: 2031-03-11 08:00 UTC\n\n"
        "“Vesmar demanded that Ostrania pull its troops back within 10 days.”\n"
        "Ilva Renn (quoted)\n"
        "kell-courier, 2031-03-01 08:00 UTC: Vesmar and Ostrania\n"
        "https://kell-courier.example/a\n\n"
        "Before, 2031-02-09, orm-post:\n“Vesmar said it asked for nothing.”\n\n"
        "Reported by 2 independent outlets. Confidence 90 %: unreviewed machine reading; check the source.\n"
        f"Rule news, alert {row['alert_id']}"
    )
    assert row["message"]["data"]["statement"]["evidence"] in row["message"]["text"]
    assert row["message"]["data"]["earlier"]["publisher"] == "orm-post"


def test_a_title_cannot_add_a_header() -> None:
    assert escape_title("New\r\nBcc: all@kell.example", Markup.PLAIN) == "New Bcc: all@kell.example"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (Markup.PLAIN, "@everyone <!channel> *big* & <b>"),
        (Markup.SLACK, "＠everyone ‹!channel&gt; *big* &amp; &lt;b&gt;"),
        (Markup.MARKDOWN, "＠everyone ‹!channel\\> \\*big\\* & <b\\>"),
    ],
)
def test_text_is_harmless_where_it_is_shown(markup: Markup, expected: str) -> None:
    assert escape_text("@everyone <!channel> *big* & <b>", markup) == expected


@given(st.text())
def test_nothing_pings_or_breaks_a_title(text: str) -> None:
    for markup in (Markup.SLACK, Markup.MARKDOWN):
        escaped = escape_text(text + "@here <@U1> <!here>", markup)
        assert not any(ping in escaped for ping in ("@here", "<@", "<!"))
    assert escape_title(text, Markup.PLAIN).splitlines() in ([], [escape_title(text, Markup.PLAIN)])


def test_the_markup_follows_from_the_address() -> None:
    assert [markup_of(name) for name in ("mailto", "Slack", "discord")] == [Markup.PLAIN, Markup.SLACK, Markup.MARKDOWN]


def test_the_feeds_have_one_entry_an_alert_and_say_the_same() -> None:
    store = FakeResultStore()
    put(store, book(channels=("desk", "mail")), graded("a", evidence="Leave <now> & for good, Vesmar said."))
    newest = sorted(rows(store), key=lambda row: row["@timestamp"], reverse=True)
    listed = alert_items(newest)
    updated = moment(0) + timedelta(hours=1)
    atom = atom_feed(listed, title="Alerts", address="https://desk.example/atom", updated=updated)
    root = ET.fromstring(atom)  # noqa: S314 - our own
    names = {"a": "http://www.w3.org/2005/Atom"}
    entries = root.findall("a:entry", names)
    items = json.loads(json_feed(listed, title="Alerts", address="https://desk.example/json"))["items"]
    assert root.findtext("a:updated", namespaces=names) == "2031-03-01T09:00:00Z"
    assert [entry.findtext("a:id", namespaces=names) for entry in entries] == [items[0]["id"]]
    assert entries[0].findtext("a:content", namespaces=names) == items[0]["content_text"]
    assert "“Leave <now> & for good, Vesmar said.”" in items[0]["content_text"]
    assert items[0]["external_url"] == "https://kell-courier.example/a"
    assert article("a").url == items[0]["external_url"]
