"""Families made of Gamma draws, counts, transforms and mixtures: draws, densities, gradients."""

import torch
from torch import distributions as D
from torch.distributions import constraints, transforms
from torch.distributions.gamma import Gamma

torch.manual_seed(0)
a = torch.tensor([0.5, 2.0, 11.0], requires_grad=True)
b = torch.tensor([1.5, 0.7, 9.0], requires_grad=True)
p = torch.tensor([0.2, 0.3, 0.5], requires_grad=True)
z = torch.tensor([-1.0, 0.3, 1.2], requires_grad=True)
t = torch.tensor(0.7)


def shown(label, call):
    try:
        print(label, call())
    except Exception as error:
        print(label, type(error).__name__, error)


made = [
    Gamma(a, b),
    Gamma(2.0, 3.0),
    D.Chi2(a),
    D.Beta(a, b),
    D.Beta(2, 3),
    D.Dirichlet(a),
    D.Dirichlet(torch.stack([a, b * 3])),
    D.InverseGamma(a, b),
    D.StudentT(a, z, b),
    D.FisherSnedecor(a + 4, b + 4),
    D.Binomial(5, p),
    D.Binomial(torch.tensor([3.0, 40.0, 100.0]), logits=z),
    D.NegativeBinomial(4, p),
    D.NegativeBinomial(torch.tensor(2.5), logits=-torch.ones(2)),
    D.Multinomial(6, p),
    D.Gumbel(z, b),
    D.Gumbel(0.0, 1.0),
    D.Weibull(a, b),
    D.Pareto(a, b + 2),
    D.HalfNormal(b),
    D.HalfCauchy(b),
    D.Kumaraswamy(a, b),
    D.LogisticNormal(z, b),
    D.RelaxedBernoulli(t, probs=p),
    D.RelaxedOneHotCategorical(t, logits=z),
    D.OneHotCategoricalStraightThrough(p),
    D.MixtureSameFamily(D.Categorical(p), D.Normal(z, b)),
    D.MixtureSameFamily(D.Categorical(p), D.Independent(D.Normal(torch.zeros(3, 2), 1.0), 1)),
    D.TransformedDistribution(D.Normal(z, b), [D.ExpTransform()]),
    D.TransformedDistribution(
        D.Uniform(torch.zeros(3), torch.ones(3)),
        [D.SigmoidTransform().inv, D.AffineTransform(loc=z, scale=b)],
    ),
]
for each in made:
    name = type(each).__name__
    print(each if name != "TransformedDistribution" else name)
    print(each.batch_shape, each.event_shape, each.has_rsample, sorted(each.arg_constraints))
    drawn = each.sample((2,))
    print(drawn)
    shown("log_prob", lambda each=each, drawn=drawn: each.log_prob(drawn))
    for what in ("mean", "variance", "stddev", "mode"):
        shown(what, lambda each=each, what=what: getattr(each, what))
    shown("entropy", each.entropy)
    wide = each.expand((2, *each.batch_shape))
    print(wide.batch_shape, wide.sample().shape, wide.log_prob(wide.sample()).shape)
    if each.has_rsample:
        there = each.rsample()
        if there.requires_grad:
            (there * torch.arange(float(there.numel())).view(there.shape)).sum().backward()
            print(a.grad, b.grad, p.grad, z.grad)
        a.grad = b.grad = p.grad = z.grad = None
for each in (made[0], made[15], made[17], made[19], made[28]):
    shown("cdf", lambda each=each: each.cdf(torch.tensor(0.6)))
shown("icdf", lambda: made[19].icdf(torch.tensor(0.6)))
print(torch.binomial(torch.tensor([10.0, 200.0]), torch.tensor([0.3, 0.7])))
print(made[10].enumerate_support(expand=False), made[10].support, made[15].support)

x = torch.tensor([[0.3, -0.5, 1.0]])
for each in (
    transforms.ExpTransform(),
    transforms.SigmoidTransform(),
    transforms.TanhTransform(),
    transforms.SoftplusTransform(),
    transforms.AffineTransform(1.0, torch.tensor([2.0, 3.0, -1.0])),
    transforms.AffineTransform(1.0, 3.0, event_dim=1),
    transforms.StickBreakingTransform(),
    transforms.SoftmaxTransform(),
    transforms.ReshapeTransform((3,), (3, 1)),
    transforms.IndependentTransform(transforms.ExpTransform(), 1),
    transforms.ComposeTransform([transforms.AffineTransform(0.0, 2.0), transforms.ExpTransform()]),
    transforms.ExpTransform().inv.inv,
):
    y = each(x)
    print(each, each.domain, each.codomain, each.bijective, each.event_dim if x is y else "")
    print(y, each.inv(y), each.forward_shape((1, 3)), each == each.inv.inv)
    shown("slope", lambda each=each, y=y: each.log_abs_det_jacobian(x, y))
print(transforms.ExpTransform().inv, transforms.PowerTransform(torch.tensor(2.0))(x.abs()))
print(transforms.LowerCholeskyTransform()(torch.ones(2, 2)))
shown("wrong", lambda: D.Gamma(-1.0, 1.0))
shown("wrong", lambda: D.Beta(0.5, 0.5).log_prob(torch.tensor(2.0)))
shown("wrong", lambda: D.Dirichlet(torch.tensor(1.0)))
shown("wrong", lambda: D.TransformedDistribution(D.Normal(0.0, 1.0), 3))
shown("wrong", lambda: D.MixtureSameFamily(D.Normal(0.0, 1.0), D.Normal(0.0, 1.0)))
shown("wrong", lambda: transforms.ReshapeTransform((2,), (3,)))
print(constraints.half_open_interval(0.0, 1.0), constraints.positive_integer)
