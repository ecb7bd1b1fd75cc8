"""Modules that learn the size of their input from the first one."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(
    nn.LazyConv2d(4, 3),
    nn.LazyBatchNorm2d(),
    nn.ReLU(),
    nn.Flatten(),
    nn.LazyLinear(5),
    nn.LazyLinear(2, bias=False),
)
print(net)
print(net[4].weight, net[1].running_mean, list(net[1].buffers()))
print(net[4].has_uninitialized_params(), isinstance(net[4].weight, nn.Parameter))
for wrong in (
    lambda: net[4].weight.shape,
    lambda: sum(p.numel() for p in net.parameters()),
    lambda: net(torch.ones(2, 2)),
):
    try:
        wrong()
    except (RuntimeError, ValueError) as error:
        print(type(error).__name__, error)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
out = net(torch.randn(3, 1, 6, 6))
print(net)
print(out, sum(p.numel() for p in net.parameters()))
out.sum().backward()
optimizer.step()
print(net[5].weight, type(net[4]), type(net[4].weight))
print([tuple(v.shape) for v in net.state_dict().values()])
for kind in (nn.LazyConvTranspose1d, nn.LazyConv1d):
    layer = kind(4, 2, stride=2)
    print(layer, layer(torch.ones(2, 3, 8)).shape, layer)
print(nn.LazyInstanceNorm1d()(torch.ones(2, 3, 8)).shape)
