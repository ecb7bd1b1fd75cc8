"""Draws, densities, entropies and divergences of distributions, and gradients through them."""

import torch
from torch import distributions as D
from torch.distributions import Bernoulli, Categorical, Independent, Normal, kl_divergence

torch.manual_seed(0)
loc = torch.tensor([0.5, -1.0], requires_grad=True)
scale = torch.tensor([1.0, 2.0], requires_grad=True)
rate = torch.tensor([0.7, 12.0])
weights = torch.tensor([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], requires_grad=True)
odds = torch.tensor([-1.0, 0.3], requires_grad=True)
matrix = torch.tensor([[2.0, 0.5], [0.5, 1.0]], requires_grad=True)

made = [
    Normal(loc, scale),
    Normal(0.0, 1.0),
    D.Laplace(loc, scale),
    D.Cauchy(loc, scale),
    D.LogNormal(loc, scale),
    D.Uniform(torch.tensor([0.0, 1.0]), torch.tensor([2.0, 4.0])),
    D.Exponential(rate),
    D.Poisson(rate),
    Bernoulli(torch.tensor([0.25, 0.5])),
    Bernoulli(logits=odds),
    D.Geometric(torch.tensor([0.25, 0.5])),
    Categorical(weights),
    Categorical(logits=weights),
    D.OneHotCategorical(weights),
    Independent(Normal(loc, scale), 1),
    D.MultivariateNormal(loc, matrix),
    D.MultivariateNormal(loc, precision_matrix=matrix),
    D.MultivariateNormal(loc, scale_tril=torch.tensor([[1.0, 0.0], [0.3, 2.0]])),
]
for each in made:
    print(each, each.batch_shape, each.event_shape, each.has_rsample, each.support)
    drawn = each.sample((2,))
    print(drawn, each.log_prob(drawn), each.sample().shape)
    print(each.mean, each.variance, each.stddev)
    print(each.mode)
    if not isinstance(each, D.Poisson):
        print(each.entropy())
    wide = each.expand((3, *each.batch_shape))
    print(wide, wide.sample().shape, wide.log_prob(wide.sample()).shape)
    if not isinstance(each, D.Cauchy):
        print(kl_divergence(each, each).abs() < 1e-6)
    if each.has_rsample:
        there = each.rsample()
        print(there.grad_fn is not None)
        if there.requires_grad:
            (each.log_prob(there).sum() + there.sum()).backward(retain_graph=True)
            print(loc.grad, scale.grad, matrix.grad)
            loc.grad = scale.grad = matrix.grad = None
for each in (Normal(loc, scale), D.Laplace(loc, scale), D.Cauchy(loc, scale)):
    print(each.cdf(torch.tensor(0.3)), each.icdf(torch.tensor(0.3)))
print(Bernoulli(0.3).enumerate_support(), Categorical(weights).enumerate_support())
print(D.OneHotCategorical(weights).enumerate_support(expand=False))
print(kl_divergence(Normal(loc, scale), Normal(0.0, 1.0)))
print(
    kl_divergence(D.MultivariateNormal(loc, matrix), D.MultivariateNormal(loc * 0, matrix @ matrix))
)

policy = Categorical(logits=weights)
action = policy.sample()
loss = -(policy.log_prob(action) * torch.tensor([1.0, -0.5])).mean() - policy.entropy().mean()
loss.backward()
print(loss, weights.grad)

for wrong in (
    lambda: Normal(0.0, -1.0),
    lambda: Normal(torch.zeros(2), torch.tensor([1.0, -1.0])),
    lambda: Categorical(),
    lambda: Categorical(torch.tensor(0.3)),
    lambda: Bernoulli(1.5),
    lambda: Bernoulli(0.5).log_prob(torch.tensor(0.5)),
    lambda: Normal(0.0, 1.0).log_prob(1.0),
    lambda: Normal(torch.zeros(2), 1.0).log_prob(torch.zeros(3)),
    lambda: Independent(Normal(torch.zeros(2), 1.0), 2),
    lambda: kl_divergence(Normal(0.0, 1.0), D.Cauchy(0.0, 1.0)),
    lambda: Normal("a", 1.0),
    lambda: D.MultivariateNormal(loc, -matrix),
):
    try:
        print(wrong())
    except (ValueError, NotImplementedError) as error:
        print(type(error).__name__, error)
