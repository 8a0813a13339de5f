"""Proof: captured exactly or refused, sealed on this device, chained, kept encrypted, checkable by anyone."""
