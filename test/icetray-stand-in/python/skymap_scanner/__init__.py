"""A stand-in for the Skymap Scanner's Python: see the README of the directory above."""

from importlib import metadata

__version__ = metadata.version("skymap-scanner")
RELEASE = tuple(int(part) for part in __version__.split("."))
