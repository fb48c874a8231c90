"""Stancewatch: who demands, rejects, offers or threatens what, with the sentence as proof."""

import os

# Before numpy, which several libraries bring in: the threads of its OpenBLAS would spin around the encoder's small
# products, at twice the cost.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 - a library's own switch, no setting of ours

__version__ = "0.1.0"
