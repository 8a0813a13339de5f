"""Named checks on the facts behind a conversation, each with its source, its age and the answer it came from."""
