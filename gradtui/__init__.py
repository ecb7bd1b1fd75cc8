"""A terminal tutor that teaches PyTorch's autograd by replaying it, node by node."""

__version__ = "0.1.0"
