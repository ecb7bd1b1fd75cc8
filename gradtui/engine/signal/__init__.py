"""`torch.signal`: windows.

>>> import gradtui.engine as torch
>>> torch.signal.windows.hann(3)
tensor([0., 1., 0.])
"""

from gradtui.engine.signal import windows

__all__ = ["windows"]
