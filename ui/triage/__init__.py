"""What a conversation is about, why, and the key that corrects it."""
