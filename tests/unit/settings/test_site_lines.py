"""``sites.yml`` is checked as a whole, with the line of each fault."""

import pytest

from worker.model import Site
from worker.settings.site_lines import sites_from
from worker.settings.yaml_source import parse_yaml


def load(text):
    faults = []
    return sites_from(parse_yaml(text.encode(), "config/sites.yml"), faults), faults


def test_a_site_is_known_by_its_domain():
    sites, faults = load("sites:\n  - domain: herald.example\n    body: ['//article']\n")
    assert (sites, faults) == ({"herald.example": Site(domain="herald.example", body=("//article",))}, [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("domain: Herald", "config/sites.yml:2: sites[0].domain:"),
        ("domain: a.example\n    body: ['//p[']", "config/sites.yml:3: sites[0].body: is no XPath expression"),
        ("domain: a.example\n    text: ['//p']", "config/sites.yml:3: sites[0].text"),
        ("domain: a.example\n  - domain: a.example", "a.example is given twice"),
        ("body: ['//p']", "sites[0].domain: is missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line, fault):
    sites, faults = load(f"sites:\n  - {line}\n")
    assert sites == {}
    assert len(faults) == 1
    assert fault in faults[0]
