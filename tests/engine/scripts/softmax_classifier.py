import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

torch.manual_seed(3)
centers = torch.tensor([[0.0, 3.0], [3.0, -1.0], [-3.0, -1.0]])
labels = torch.randint(0, 3, (90,))
data = centers[labels] + 0.5 * torch.randn(90, 2)


class Net(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, 3)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


net = Net()
print(net)
print(sum(p.numel() for p in net.parameters() if p.requires_grad))
optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
for epoch in range(15):
    net.train()
    total = 0.0
    for i in range(0, 90, 30):
        batch, target = data[i : i + 30], labels[i : i + 30]
        optimizer.zero_grad()
        loss = F.cross_entropy(net(batch), target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            correct = (net(data).argmax(dim=1) == labels).sum().item()
        print(epoch, f"{total:.4f}", correct, scheduler.get_last_lr())
