import torch
import torch.nn as nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2), nn.Softmax(dim=-1))
optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
for episode in range(30):
    states = torch.randn(10, 2)
    probs = policy(states)
    actions = torch.multinomial(probs.detach(), 1).squeeze(1)
    rewards = (actions == (states[:, 0] > 0).long()).float()
    chosen = probs.gather(1, actions.unsqueeze(1)).squeeze(1)
    loss = -(chosen.log() * (rewards - rewards.mean())).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if episode % 10 == 0:
        print(episode, f"{rewards.mean().item():.2f} {loss.item():.4f}", loss.grad_fn)
