# hooks on modules and tensors, feature extraction
from collections import OrderedDict, defaultdict

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    OrderedDict([("fc1", nn.Linear(4, 3)), ("act", nn.ReLU()), ("fc2", nn.Linear(3, 2))])
)
features, grads = {}, defaultdict(list)


def get_features(name):
    def hook(module, input, output):
        features[name] = output.detach()

    return hook


handles = [m.register_forward_hook(get_features(n)) for n, m in model.named_children()]
model.fc2.register_full_backward_hook(
    lambda m, gi, go: grads[type(m).__name__].append(go[0].norm().item())
)
x = torch.randn(5, 4)
out = model(x)
out.sum().backward()
for k, v in features.items():
    print(k, v.shape, f"{v.mean():.4f}")
print({k: [round(g, 4) for g in v] for k, v in grads.items()})
for h in handles:
    h.remove()
print(len(model.fc1._forward_hooks) if hasattr(model.fc1, "_forward_hooks") else 0)
for name, p in model.named_parameters():
    p.register_hook(
        lambda g, name=name: print("grad", name, tuple(g.shape), f"{g.abs().sum():.3f}")
    )
model(x).pow(2).mean().backward()
