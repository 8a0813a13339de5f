"""Orders' tables ↔ model. Nothing else touches these tables."""
