"""Padding, instance norm and shuffled channels as modules, against torch."""

from collections.abc import Callable
from typing import Any

import pytest
from twins import agree

MODULES: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "ConstantPad1d": (lambda nn: nn.ConstantPad1d(2, 3.5), (2, 3, 4)),
    "ConstantPad2d": (lambda nn: nn.ConstantPad2d((1, 2, 0, 3), -1), (2, 3, 4, 4)),
    "ZeroPad2d": (lambda nn: nn.ZeroPad2d(1), (1, 2, 3, 3)),
    "ReflectionPad1d": (lambda nn: nn.ReflectionPad1d((2, 1)), (1, 2, 4)),
    "ReflectionPad2d": (lambda nn: nn.ReflectionPad2d(1), (1, 2, 3, 3)),
    "ReplicationPad2d": (lambda nn: nn.ReplicationPad2d((1, 0, 2, 1)), (1, 2, 3, 3)),
    "CircularPad2d": (lambda nn: nn.CircularPad2d(1), (1, 2, 3, 3)),
    "InstanceNorm1d": (lambda nn: nn.InstanceNorm1d(3), (2, 3, 5)),
    "InstanceNorm2d": (
        lambda nn: nn.InstanceNorm2d(3, affine=True, track_running_stats=True),
        (2, 3, 4, 4),
    ),
    "PixelShuffle": (lambda nn: nn.PixelShuffle(2), (1, 8, 2, 3)),
    "PixelUnshuffle": (lambda nn: nn.PixelUnshuffle(2), (1, 2, 4, 6)),
    "ChannelShuffle": (lambda nn: nn.ChannelShuffle(2), (1, 4, 2, 2)),
    "Softmax2d": (lambda nn: nn.Softmax2d(), (1, 3, 2, 2)),
    "BatchNorm3d": (lambda nn: nn.BatchNorm3d(2), (2, 2, 2, 2, 2)),
    "MaxPool3d": (lambda nn: nn.MaxPool3d(2), (1, 2, 4, 4, 4)),
    "ConvTranspose3d": (lambda nn: nn.ConvTranspose3d(2, 1, 2, stride=2), (1, 2, 2, 2, 2)),
    "Dropout3d": (lambda nn: nn.Dropout3d(), (2, 3, 2, 2, 2)),
    "a channel too many": (lambda nn: nn.PixelShuffle(2), (1, 3, 2, 2)),
    "dimensions": (lambda nn: nn.InstanceNorm2d(3), (3, 3)),
    "one place": (lambda nn: nn.InstanceNorm1d(3), (2, 3, 1)),
}


@pytest.mark.parametrize("name", MODULES)
def test_module(name: str) -> None:
    make, shape = MODULES[name]

    def program(torch: Any) -> Any:
        module = make(torch.nn)
        x = torch.randn(shape, requires_grad=True)
        y = module(x)
        print(module, y.grad_fn.name(), tuple(y.shape))
        y.square().sum().backward()
        return [y, x.grad, list(module.buffers()), module.eval()(x)]

    agree(program, rtol=1e-5, atol=2e-6)
