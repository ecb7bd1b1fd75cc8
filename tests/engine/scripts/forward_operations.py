"""Tangents through operations, views and changes in place."""

import torch
import torch.autograd.forward_ad as fw


def show(name, f):
    try:
        print(name, "->", f())
    except Exception as error:
        print(name, "!!", type(error).__name__, str(error)[:600])


def D(*s):
    torch.manual_seed(0)
    return fw.make_dual(torch.rand(*s) + 0.5, torch.rand(*s) + 1)


with fw.dual_level():
    for (
        n
    ) in "asinh_ acosh_ atanh_ sin_ relu_ neg_ t_ exp_ abs_ sigmoid_ zero_ squeeze_ floor_".split():
        show(n, lambda: getattr(D(2, 3), n)())
    show("unsq", lambda: D(2).unsqueeze_(0))
    show("addmm_", lambda: D(2, 2).addmm_(D(2, 2), D(2, 2)))
    show("copy_", lambda: torch.zeros(2, 2).copy_(D(2, 2)))
    show("copyint", lambda: D(2, 2).copy_(torch.ones(2, 2)))
    show("fill", lambda: D(2).fill_(3))
    show("fillt", lambda: torch.zeros(2).fill_(D(1)[0]))
    show("mf", lambda: D(2).masked_fill_(torch.tensor([True, False]), 1))
    x = D(2, 3)
    y = x[0]
    y.mul_(2)
    show("view", lambda: (x, y))
    x.mul_(3)
    show("view2", lambda: (x, y))
    z = x.t()
    z[0] = 1
    show("v3", lambda: (x, z))
    x = torch.zeros(3, 3)
    a = x[0]
    b = x[:, 1]
    a.copy_(D(3))
    show("v4", lambda: (x, a, b))
    b.mul_(2)
    show("v5", lambda: (x, a, b))
    show("elu_", lambda: torch.nn.functional.elu_(D(2) - 1))
    show("lr", lambda: torch.nn.functional.leaky_relu_(D(2) - 1))
    show("setitem", lambda: D(3).__setitem__(0, 1.0))
    x = D(3)
    x[1] = 5
    x[torch.tensor([0])] = D(1) * 2
    show("si", lambda: x)
    x[x > 1] = 0
    show("mask", lambda: x)
    show("pow_", lambda: D(2).pow_(2))
    show("div_", lambda: D(2).div_(D(2) * 2))
    show("self", lambda: (lambda x: x.mul_(x))(D(2)))
    show("clamp", lambda: D(3).clamp(min=0.8))
    show("cat", lambda: torch.cat([D(2), torch.ones(2)]))
    show("stack", lambda: torch.stack([torch.ones(2), D(2)]))
    show("where", lambda: torch.where(torch.tensor([True, False]), D(2), 3.0))
    show("einsum", lambda: torch.einsum("ij,jk->ik", D(2, 2), torch.eye(2)))
    show("lin", lambda: torch.nn.functional.linear(D(2, 3), D(4, 3), D(4)))
    show("mse", lambda: torch.nn.functional.mse_loss(D(3), torch.ones(3)))
    show("ce", lambda: torch.nn.functional.cross_entropy(D(2, 3), torch.tensor([0, 2])))
    show("sm", lambda: D(3).softmax(0))
    show("ln", lambda: torch.nn.functional.layer_norm(D(2, 3), (3,)))
    show(
        "var",
        lambda: (
            D(4).var(),
            D(4).std(),
            D(2, 3).var(1),
            torch.var_mean(D(4)),
            torch.std_mean(D(2, 3), 1),
        ),
    )
    show("norms", lambda: [D(4).norm(p) for p in (0, 0.5, 1, 1.5, 2, 3, float("inf"))])
    show("dist", lambda: [torch.dist(D(3), torch.ones(3), p) for p in (1, 2, 3)])
    show("conv", lambda: torch.nn.functional.conv1d(D(1, 2, 5), D(3, 2, 2), D(3)))
    show("convt", lambda: torch.nn.functional.conv_transpose1d(D(1, 2, 5), D(2, 3, 2)))
    show("mp", lambda: torch.nn.functional.max_pool2d(D(1, 1, 4, 4), 2))
    show("ap", lambda: torch.nn.functional.avg_pool2d(D(1, 1, 4, 4), 2))
    show("amp", lambda: torch.nn.functional.adaptive_max_pool2d(D(1, 1, 4, 4), 2))
    show("bce", lambda: torch.nn.functional.binary_cross_entropy(D(3) / 2, D(3) / 3))
    show("bcel", lambda: torch.nn.functional.binary_cross_entropy_with_logits(D(3), D(3) / 3))
    show(
        "nll",
        lambda: torch.nn.functional.nll_loss(
            D(2, 3).log_softmax(1), torch.tensor([0, 1]), weight=torch.tensor([1.0, 2.0, 3.0])
        ),
    )
    show("l1", lambda: torch.nn.functional.l1_loss(D(3), torch.ones(3)))
    show("sl1", lambda: torch.nn.functional.smooth_l1_loss(D(3), D(3) * 2))
    show("hub", lambda: torch.nn.functional.huber_loss(D(3), D(3) * 2))
    show("kl", lambda: torch.nn.functional.kl_div(D(3), D(3)))
    show("glu", lambda: torch.nn.functional.glu(D(4)))
    show("prelu", lambda: torch.nn.functional.prelu(D(4) - 1, D(1)))
    show("normalize", lambda: torch.nn.functional.normalize(D(2, 3)))
    show("gelu", lambda: torch.nn.functional.gelu(D(3)))
    show("silu", lambda: torch.nn.functional.silu(D(3)))
    show("mish", lambda: torch.nn.functional.mish(D(3)))
    show(
        "bn",
        lambda: torch.nn.functional.batch_norm(
            D(4, 2), torch.zeros(2), torch.ones(2), D(2), D(2), True
        ),
    )
    show(
        "bne",
        lambda: torch.nn.functional.batch_norm(
            D(4, 2), torch.zeros(2), torch.ones(2), D(2), D(2), False
        ),
    )
    show("emb", lambda: torch.nn.functional.embedding(torch.tensor([1, 0]), D(2, 2)))
    show("cump", lambda: D(4).cumprod(0))
    x = D(4)
    x[1] = 0
    show("cp0", lambda: (x.cumprod(0), x.prod(), x.view(2, 2).prod(1)))
    show("lse", lambda: D(2, 3).logsumexp(1))
    show(
        "max",
        lambda: (
            D(4).max(),
            D(2, 3).max(1),
            D(2, 3).amax(1),
            torch.maximum(D(3), D(3)),
            torch.maximum(D(3), torch.ones(3)),
        ),
    )
    show("sort", lambda: (D(4).sort(), D(4).topk(2), D(4).median(), D(4).kthvalue(2)))
    show("gather", lambda: D(4).gather(0, torch.tensor([1, 1])))
    show(
        "sc",
        lambda: (
            D(4).scatter(0, torch.tensor([1]), D(1)),
            D(4).scatter_add(0, torch.tensor([1]), D(1)),
            D(4).index_add(0, torch.tensor([1]), D(1)),
            D(4).scatter(0, torch.tensor([1]), 2.0),
        ),
    )
    show("pad", lambda: torch.nn.functional.pad(D(3), (1, 1), value=2.0))
    show("padr", lambda: torch.nn.functional.pad(D(1, 3), (1, 1), mode="reflect"))
    show("fmod", lambda: (D(3) % 0.4, torch.fmod(D(3), D(3) * 0.3), D(3) // 1))
    show("atan2", lambda: torch.atan2(D(3), torch.ones(3)))
    show("lerp", lambda: torch.lerp(D(3), torch.ones(3), 0.3))
    show(
        "addc",
        lambda: (
            torch.addcmul(D(3), D(3), D(3), value=2.0),
            torch.addcdiv(D(3), D(3), D(3), value=2.0),
        ),
    )
    show("0d", lambda: D(1)[0] ** 2)
    show("bool", lambda: bool(D(1) > 0))
    show("fmt", lambda: f"{D(1)[0]:.3f}")
    show(
        "mha",
        lambda: torch.nn.functional.scaled_dot_product_attention(
            D(1, 2, 3), D(1, 2, 3), D(1, 2, 3)
        ),
    )
    show("unfold", lambda: D(5).unfold(0, 2, 1))
    show("repeat", lambda: D(2).repeat(2))
    show("trace", lambda: D(2, 2).trace())
    show("addr", lambda: torch.addr(D(2, 2), D(2), D(2)))
    show("outer", lambda: torch.outer(D(2), D(2)))
    show("cross", lambda: torch.cross(D(3), torch.ones(3), dim=0))
