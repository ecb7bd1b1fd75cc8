"""`torch.backends`: which libraries there are beside the engine; programs that ask are told none."""


class _Absent:
    """A backend that is not there; its switches may be set, as in torch, and change nothing."""

    deterministic = False
    benchmark = False

    def is_available(self) -> bool:
        """False."""
        return False

    def is_built(self) -> bool:
        """False."""
        return False


cuda, cudnn, mps = _Absent(), _Absent(), _Absent()
