"""Colleagues in the window: who else is in the conversation."""
