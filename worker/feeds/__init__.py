"""Polling feeds: what a body says, which entries it carries, and when to ask again."""
