"""How new a statement is, measured against the claims ledger."""
