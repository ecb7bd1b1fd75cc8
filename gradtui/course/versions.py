"""Versions of packs and of gradtui as numbers that can be compared: `numbers("1.2") < …`."""

import re

_VERSION = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,6}))?(?:\.([0-9]{1,6}))?(?![0-9])")


def numbers(version: str) -> tuple[int, int, int] | None:
    """The first three numbers of a version, missing ones as 0; None if it is none."""
    match = _VERSION.match(version)
    return (int(match[1]), int(match[2] or 0), int(match[3] or 0)) if match else None
