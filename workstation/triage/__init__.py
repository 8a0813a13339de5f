"""What a conversation is about, how soon it needs a person, what may go wrong: found locally and explained."""
