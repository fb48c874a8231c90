"""Fetching pages: may we, when, and what the answer means. The bytes come through the port ``HttpClient``."""
