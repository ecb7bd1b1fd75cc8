"""Weight and spectral norm by hooks, and modules made without drawing their parameters."""

import torch
from torch import nn
from torch.nn.utils import (
    remove_spectral_norm,
    remove_weight_norm,
    skip_init,
    spectral_norm,
    weight_norm,
)

torch.manual_seed(0)
for make in (
    lambda: nn.Linear(3, 2),
    lambda: nn.Conv1d(3, 2, 2),
    lambda: nn.ConvTranspose1d(3, 2, 2),
):
    for norm, remove in ((weight_norm, remove_weight_norm), (spectral_norm, remove_spectral_norm)):
        module = norm(make())
        print(module, [n for n, _ in module.named_parameters()], list(module.state_dict()))
        x = torch.ones(4, 3) if isinstance(module, nn.Linear) else torch.ones(4, 3, 5)
        module(x)
        out = module(x)
        out.pow(2).sum().backward()
        print(out[0], module.weight.grad_fn)
        for name, parameter in module.named_parameters():
            print(name, parameter.grad.round(decimals=1))
        try:
            norm(module)
        except RuntimeError as error:
            print(error)
        remove(module)
        print(module.weight, list(module.state_dict()))
        try:
            remove(module)
        except ValueError as error:
            print(error)
print(weight_norm(nn.Linear(2, 2), dim=None).weight_g)
before = torch.rand(1)
torch.manual_seed(1)
print(skip_init(nn.Linear, 3, 1).weight.shape, torch.rand(1))
