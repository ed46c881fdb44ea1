"""The image's own code: found, looked at before it is trusted, and called in the way that its version wants."""

import importlib
import inspect
import os
import sys
from importlib import metadata
from pathlib import Path


class WrongImage(Exception):
    """The image is not what the adapters know how to call. The text says what was found instead."""


def load(name):
    """A module of the image."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise WrongImage(
            f"{name} cannot be imported by {sys.executable} (Python {sys.version.split()[0]}): {error!r}; "
            "is this the Skymap Scanner's image, and inside its environment shell?"
        ) from error


def member(module, name):
    """A name of a module of the image."""
    if not hasattr(module, name):
        there = ", ".join(sorted(one for one in vars(module) if not one.startswith("_"))) or "nothing"
        raise WrongImage(f"{module.__name__} has no {name}; it has {there}")
    return getattr(module, name)


def parameters(function):
    """The names of a function's or class's parameters."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError) as error:
        raise WrongImage(f"{function!r} does not tell its parameters: {error}") from error


def scanner_version():
    """The release of the image's Skymap Scanner, or "unknown"."""
    try:
        return metadata.version("skymap-scanner")
    except metadata.PackageNotFoundError:
        return str(getattr(load("skymap_scanner"), "__version__", "unknown"))


def release_of(version):
    """Major and minor number of a version, or None when it does not begin with numbers."""
    parts = version.lstrip("v").split(".")
    try:
        return int(parts[0]), int(parts[1])
    except (IndexError, ValueError):
        return None


def look_here_first(list_name, directory):
    """Puts a directory in front of a list of local data sources of the image's configuration, if there is such a list."""
    config = load("skymap_scanner.config")
    sources = getattr(config, list_name, None)
    if sources is None:
        return
    if isinstance(sources, list):
        # In place: whoever imported the list itself sees it too.
        sources.insert(0, Path(directory))
    else:
        setattr(config, list_name, type(sources)([Path(directory), *sources]))


def look_for_tables_in_i3_data():
    """The caller's I3_DATA before the image's own places: an older image looks there anyway, a newer one does not."""
    directory = os.environ.get("I3_DATA")
    if directory:
        look_here_first("LOCAL_DATA_SOURCES", directory)
