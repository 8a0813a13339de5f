"""What failed and waits for a person: a calm panel beside the conversation, one item at a time."""
