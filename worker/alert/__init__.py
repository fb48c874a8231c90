"""Which statements are worth a message, what it says, and the outbox that it leaves through."""
