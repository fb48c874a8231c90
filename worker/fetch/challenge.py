"""Tells a page that stands in place of the one asked for: challenges of bot defences, which answer 200, 403 or 503.

Named by header where the defence does so, else by what such pages always carry; only small pages are looked into, so
that an article about bot defences is not taken for one.
"""

import re
from collections.abc import Mapping

MAX_BYTES = 60_000
_MARKS = re.compile(
    rb"""<title>\s*(?:just\s+a\s+moment|attention\s+required!|access\s+denied|are\s+you\s+a\s+robot|robot\s+check
        |one\s+more\s+step|ddos-guard|please\s+wait\.\.\.|verifying\s+you\s+are\s+human|human\s+verification
        |pardon\s+our\s+interruption|security\s+check)
    |/cdn-cgi/challenge-platform/|cf-browser-verification|cf_chl_opt|_incapsula_resource|px-captcha|captcha-delivery\.com
    |geo\.captcha|ddos-guard/js|sucuri_cloudproxy_js|__ddg1_|window\.awswaf|datadome\.co/captcha
    |enable\s+javascript\s+and\s+cookies\s+to\s+continue""",
    re.IGNORECASE | re.VERBOSE,
)


def is_challenge(headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether the answer is a bot defence's page. ``headers`` have lower-case names."""
    if headers.get("cf-mitigated") == "challenge" or headers.get("x-amzn-waf-action") in {"challenge", "captcha"}:
        return True
    return len(body) <= MAX_BYTES and _MARKS.search(body) is not None
