"""Drafts, and replies on their way out: saved, held for undo, queued, sent, proved or honestly unknown."""
