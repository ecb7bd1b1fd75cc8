import torch
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split

torch.manual_seed(0)


class Pairs(Dataset):
    def __init__(self, n):
        self.x = torch.arange(n).float()
        self.y = self.x**2

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


data = Pairs(10)
train, test = random_split(data, [8, 2])
print(len(train), len(test), train.indices)
loader = DataLoader(train, batch_size=3, shuffle=True)
for epoch in range(2):
    for i, (x, y) in enumerate(loader):
        print(epoch, i, x, y)
print(len(loader), next(iter(loader)), loader.batch_size, loader.dataset is train)
w = torch.ones(3, requires_grad=True)
out = checkpoint(lambda w: (w * 2).exp().sum(), w, use_reentrant=False)
out.backward()
print(w.grad)
print(TensorDataset(w.detach()).tensors)


class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.inputs = x * 2
        ctx.save_for_backward(x)
        return x * 3

    @staticmethod
    def backward(ctx, g):
        print(ctx.inputs, ctx.saved_tensors, ctx.needs_input_grad)
        return g * 3


F.apply(w).sum().backward()
import torch.utils.data as data

for batch in data.DataLoader(data.TensorDataset(torch.eye(3)), batch_size=2):
    print(batch)
