"""Scripts ask for a graphics card before they use one; here there is none: `is_available()`."""


def is_available() -> bool:
    """Whether there is a device that runs CUDA: never."""
    return False


def device_count() -> int:
    """How many such devices there are: 0."""
    return 0
