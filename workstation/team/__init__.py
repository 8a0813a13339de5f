"""Who works here: members, and who is viewing or writing where."""
