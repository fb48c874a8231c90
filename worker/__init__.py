"""Stancewatch: who demands, rejects, offers or threatens what, with the sentence as proof."""

__version__ = "0.1.0"
