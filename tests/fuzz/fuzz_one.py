"""``python tests/fuzz/fuzz_one.py TARGET CORPUS… [libFuzzer options]``: one target under coverage-guided fuzzing."""

import sys

import atheris

with atheris.instrument_imports(include=["worker", "feedparser", "fastfeedparser", "idna"]):
    from fuzz_targets import TARGETS

atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
