"""Orion: notebook cells as cached, parallel tasks with a live graph."""

__version__ = "0.1.0"
