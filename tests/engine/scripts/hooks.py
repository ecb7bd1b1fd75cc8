import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * 2
h = y.register_hook(lambda grad: print("grad of y", grad))
y.retain_grad()
z = (y**2).sum()
z.backward()
print(x.grad, y.grad)
h.remove()
x.grad = None
x.register_hook(lambda grad: grad * 100)
(x * 3).sum().backward()
print(x.grad)
activation = {}


def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()

    return hook


model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
model[1].register_forward_hook(get_activation("relu"))
model[0].weight.register_hook(lambda g: print("weight", g.shape))
out = model(torch.ones(2, 3))
out.sum().backward()
print(activation["relu"].shape, (activation["relu"] >= 0).all(), activation["relu"].requires_grad)
