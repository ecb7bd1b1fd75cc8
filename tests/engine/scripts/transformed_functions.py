"""Custom functions inside the transforms of torch.func."""

import torch


def show(name, f):
    try:
        print(name, "->", f())
    except Exception as e:
        print(name, "!!", type(e).__name__, str(e)[:500])


x = torch.tensor([1.0, 2.0])


class A(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g * 2


class B(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x**2

    @staticmethod
    def setup_context(ctx, i, o):
        ctx.save_for_backward(*i)
        ctx.save_for_forward(*i)

    @staticmethod
    def backward(ctx, g):
        return g * 2 * ctx.saved_tensors[0]

    @staticmethod
    def jvp(ctx, t):
        return t * 2 * ctx.saved_tensors[0]


class C(B):
    generate_vmap_rule = True


F = torch.func
for c in (A, B, C):
    show("grad", lambda: F.grad(lambda a: c.apply(a).sum())(x))
    show("vjp", lambda: F.vjp(c.apply, x)[1](x))
    show("jvp", lambda: F.jvp(c.apply, (x,), (x,)))
    show("vmap", lambda: F.vmap(c.apply)(x))
    show("jacrev", lambda: F.jacrev(c.apply)(x))
    show("jacfwd", lambda: F.jacfwd(c.apply)(x))
    show("hess", lambda: F.hessian(lambda a: c.apply(a).sum())(x))
    show("vg", lambda: F.vmap(F.grad(lambda a: c.apply(a)))(x))
    show("plain", lambda: c.apply(x))
    show("faj", lambda: torch.autograd.functional.jacobian(c.apply, x))
    show("fah", lambda: torch.autograd.functional.jacobian(c.apply, x, vectorize=True))
    show(
        "faf",
        lambda: torch.autograd.functional.jacobian(
            c.apply, x, vectorize=True, strategy="forward-mode"
        ),
    )
