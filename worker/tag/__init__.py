"""Finds who demands, rejects, offers what: everything here is pure."""
