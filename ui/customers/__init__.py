"""The customer beside the conversation: who they are elsewhere, who else they may be, and what came before."""
