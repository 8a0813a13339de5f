"""Playbooks: the steps of the sixteen situations after a sale, what proves each, and where a conversation stands."""
