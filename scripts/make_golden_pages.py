"""Writes what extraction makes of the golden pages, for a person to read in the diff.

    python scripts/make_golden_pages.py [--check] [FOLDER]

FOLDER holds ``sites.yml`` and pages ``<host>_<name>.html`` (by default tests/golden/sites); beside each page stands
``<host>_<name>.json``: title, text, authors, date. ``--check`` writes nothing and fails if one differs or a site of
the file has no page. Pages are written for this project; for your own sites keep the folder elsewhere.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker.extract.service import extract
from worker.extract.sites import site_of
from worker.model import Article, Capture, FeedEntry, RawPage, Site
from worker.settings.site_lines import sites_from
from worker.settings.yaml_source import read_yaml

FOLDER = Path(__file__).parents[1] / "tests/golden/sites"
FETCHED = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    """Write or check the files; exit 1 if something is not as it stands there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    faults = list(differences(given.folder) if given.check else written(given.folder))
    print("\n".join(faults) if faults else "all pages are read as they stand there")
    sys.exit(1 if given.check and faults else 0)


def differences(folder: Path) -> Iterator[str]:
    """Yield a line for each page that is read otherwise, and for each site without a page."""
    sites = sites_in(folder)
    for page in sorted(folder.glob("*.html")):
        kept = page.with_suffix(".json")
        if not kept.exists() or json.loads(kept.read_text("utf-8")) != reading(page, sites):
            yield f"{page.name} is read otherwise than {kept.name} says"
    seen = {site.domain for page in folder.glob("*.html") if (site := site_of(host_of_page(page), sites))}
    yield from (f"{domain} has no golden page" for domain in sorted(set(sites) - seen))


def written(folder: Path) -> Iterator[str]:
    """Write every reading; yield the files that changed."""
    sites = sites_in(folder)
    for page in sorted(folder.glob("*.html")):
        kept, text = page.with_suffix(".json"), json.dumps(reading(page, sites), indent=2, ensure_ascii=False) + "\n"
        if not kept.exists() or kept.read_text("utf-8") != text:
            kept.write_text(text, "utf-8")
            yield f"{kept.name} written: read its diff"


def sites_in(folder: Path) -> Mapping[str, Site]:
    """Return the folder's sites; SystemExit with the faults of its file."""
    faults: list[str] = []
    sites = sites_from(read_yaml(folder / "sites.yml", "sites.yml"), faults)
    if faults:
        raise SystemExit("\n".join(faults))
    return sites


def host_of_page(page: Path) -> str:
    """Return the host that a page's name begins with."""
    return page.stem.partition("_")[0]


def reading(page: Path, sites: Mapping[str, Site]) -> dict[str, Any]:
    """Return what extraction makes of a page."""
    url = f"https://{host_of_page(page)}/{page.stem.partition('_')[2]}"
    capture = Capture(
        item_id="golden",
        feed_id="golden",
        entry=FeedEntry(identity=url, url=url),
        chain=(url,),
        status=200,
        headers={"content-type": "text/html"},
        fetched_at=FETCHED,
        body_hash="",
        origin="ingest",
    )
    found = extract(RawPage(capture=capture, body=page.read_bytes()), None, sites)
    if not isinstance(found, Article):
        return {"refused": str(found)}
    return {
        "title": found.title,
        "published": found.published.isoformat() if found.published else None,
        "authors": list(found.authors),
        "paragraphs": found.text.split("\n\n"),
    }


if __name__ == "__main__":
    main()
