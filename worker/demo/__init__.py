"""A small press of our own on loopback: feeds and pages that the demo's normal pipeline polls and fetches."""
