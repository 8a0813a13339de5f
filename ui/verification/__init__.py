"""The case column: the checks of the order a conversation is about, with their facts and raw answers."""
