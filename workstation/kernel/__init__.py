"""Small things every layer needs and that need no layer: ids, errors, events, time, text, paths."""
