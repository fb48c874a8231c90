"""Health, metrics and the reading room: server-rendered pages over the result store."""
