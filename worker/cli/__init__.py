"""The commands: thin shells that parse, call a service, and show what it returned."""
