"""The window: shows what the core knows and hands over what a person wants. It holds no rules of the trade."""
