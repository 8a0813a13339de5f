"""The commands behind `workstation`: one file for each noun, a thin layer over `api.Core`."""

from workstation.commands.root import main

__all__ = ["main"]
