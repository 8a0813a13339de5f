"""Proof on the screen: capturing, the strip of records on a case, and looking at one."""
