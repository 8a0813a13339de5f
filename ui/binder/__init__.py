"""The case binder: a case's exhibits in order, what the claims desk still wants, and the pack that goes there."""
