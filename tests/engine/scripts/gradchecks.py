"""gradcheck and gradgradcheck: what they accept and what they say."""

import torch


def show(name, f):
    try:
        print(name, "->", f())
    except Exception as error:
        print(name, "!!", type(error).__name__, str(error)[:600])


import warnings

warnings.simplefilter("ignore")
gc = torch.autograd.gradcheck
ggc = torch.autograd.gradgradcheck


def mk(name, fwd, bwd, jvp=None, **k):
    d = {"forward": staticmethod(fwd), "backward": staticmethod(bwd)}
    if jvp:
        d["jvp"] = staticmethod(jvp)
    return type(name, (torch.autograd.Function,), d | k)


torch.manual_seed(0)
x = torch.randn(3, dtype=torch.double, requires_grad=True)
y = torch.randn(3, dtype=torch.double, requires_grad=True)
m = torch.randn(2, 3, dtype=torch.double, requires_grad=True)
Good = mk(
    "Good",
    lambda ctx, a: (ctx.save_for_backward(a), ctx.save_for_forward(a), a**3)[2],
    lambda ctx, g: g * 3 * ctx.saved_tensors[0] ** 2,
    lambda ctx, at: at * 3 * ctx.saved_tensors[0] ** 2,
)
Bad = mk(
    "Bad",
    lambda ctx, a: (ctx.save_for_backward(a), a**3)[1],
    lambda ctx, g: g * 2 * ctx.saved_tensors[0] ** 2,
    lambda ctx, at: at * 2,
)
Add = mk("Add", lambda ctx, a: a * 2, lambda ctx, g: g * 2 + 1)
Size = mk("Size", lambda ctx, a: a.sum(), lambda ctx, g: g.expand(2))
NoneB = mk("NoneB", lambda ctx, a: a * 2, lambda ctx, g: None)
Rand = mk(
    "Rand", lambda ctx, a: a * 2, lambda ctx, g: g * 2 + 1e-7 * torch.randn(3, dtype=torch.double)
)
Undef = mk(
    "Undef", lambda ctx, a: (ctx.set_materialize_grads(False), a * 2)[1], lambda ctx, g: g * 2
)
Mult = mk("Mult", lambda ctx, a: (a * 2, a * 3), lambda ctx, g, h: g * 2 + h * 3)
F32 = mk("F32", lambda ctx, a: a * 2, lambda ctx, g: (g * 2).float())
for kw in (
    {},
    {"check_forward_ad": True},
    {"fast_mode": True},
    {"fast_mode": True, "check_forward_ad": True},
    {"check_batched_grad": True},
    {"check_forward_ad": True, "check_backward_ad": False},
    {"raise_exception": False},
    {"check_grad_dtypes": True},
):
    print("##", kw)
    for n, f, i in [
        ("good", Good.apply, x),
        ("bad", Bad.apply, x),
        ("add", Add.apply, x),
        ("none", NoneB.apply, x),
        ("rand", Rand.apply, x),
        ("undef", Undef.apply, x),
        ("mult", Mult.apply, x),
        ("f32", F32.apply, x),
        ("size", Size.apply, x),
        ("mul", torch.mul, (x, y)),
        ("mm", lambda a, b: a @ b, (m, x)),
        ("const", lambda a: torch.ones(2, dtype=torch.double), x),
        ("cdet", lambda a: (a * 2).detach(), x),
        ("two", lambda a, b: (a * b, a + 1), (x, y)),
        ("int", lambda a: (a * 2, a.long()), x),
        ("unb", lambda a: a.unbind(0), x),
        ("sin", torch.sin, [x]),
        ("relu", torch.relu, x),
        ("maxi", lambda a: a.max(0), x),
        ("ind", lambda a: a.argmax(), x),
    ]:
        show(n, lambda: gc(f, i, **kw))
print("## args")
show("noreq", lambda: gc(torch.sin, torch.randn(2, dtype=torch.double)))
show("f32", lambda: gc(torch.sin, torch.ones(2, requires_grad=True)))
show("f32b", lambda: gc(torch.sin, torch.ones(2, requires_grad=True), eps=1e-3, atol=1e-2))
show("exp", lambda: gc(torch.sin, torch.ones(1, dtype=torch.double, requires_grad=True).expand(3)))
show("neither", lambda: gc(torch.sin, x, check_backward_ad=False))
show(
    "b",
    lambda: gc(
        torch.sin, x, check_backward_ad=False, check_forward_ad=True, check_batched_grad=True
    ),
)
show("c", lambda: gc(torch.sin, x, check_batched_forward_grad=True))
show("d", lambda: gc(torch.sin, x, check_batched_forward_grad=True, check_forward_ad=True))
show("nt", lambda: gc(lambda a: 3.0, x))
show("shape", lambda: gc(lambda a: a[: int(a.detach()[0] > x0) + 1], x)) if 0 else None
x0 = float(x[0])
show("shp", lambda: gc(lambda a: a.repeat(2) if a[0] > x0 else a, x))
show("dty", lambda: gc(lambda a: a.float() if a[0] > x0 else a, x))
show("kw", lambda: gc(torch.sin, inputs=(x,), eps=1e-6, atol=1e-4))
show("pos", lambda: gc(torch.sin, (x,), 1e-6))
print("## gg")
for kw in (
    {},
    {"check_fwd_over_rev": True},
    {"fast_mode": True},
    {"check_rev_over_rev": False, "check_fwd_over_rev": True, "check_undefined_grad": False},
    {"check_batched_grad": True},
    {"raise_exception": False},
):
    print("##", kw)
    for n, f, i in [
        ("good", Good.apply, x),
        ("bad", Bad.apply, x),
        ("mul", torch.mul, (x, y)),
        ("mm", lambda a, b: a @ b, (m, x)),
        ("exp", torch.exp, x),
        ("sm", lambda a: a.softmax(0), x),
        ("lin", lambda a: a * 2, x),
        ("tanh", torch.tanh, x),
    ]:
        show(n, lambda: ggc(f, i, **kw))
show("neither", lambda: ggc(torch.sin, x, check_rev_over_rev=False))
show("und", lambda: ggc(torch.sin, x, check_rev_over_rev=False, check_fwd_over_rev=True))
show(
    "bat",
    lambda: ggc(
        torch.sin,
        x,
        check_rev_over_rev=False,
        check_fwd_over_rev=True,
        check_undefined_grad=False,
        check_batched_grad=True,
    ),
)
show("go", lambda: ggc(torch.sin, (x,), (torch.ones(3, dtype=torch.double, requires_grad=True),)))
print(torch.rand(2))
lin = torch.nn.Linear(3, 2).double()
show("mod", lambda: gc(lin, x))
show("modf", lambda: gc(lin, x, check_forward_ad=True))
show(
    "bce",
    lambda: gc(
        lambda a: torch.nn.functional.binary_cross_entropy_with_logits(
            a, torch.ones(3, dtype=torch.double)
        ),
        x,
        check_forward_ad=True,
    ),
)
show("ln", lambda: gc(lambda a: torch.nn.functional.layer_norm(a, (3,)), m, check_forward_ad=True))
show(
    "lnn",
    lambda: ggc(lambda a: torch.nn.functional.layer_norm(a, (3,)), m, check_fwd_over_rev=True),
)
show("gp", lambda: gc(lambda a: torch.autograd.grad((a**3).sum(), a, create_graph=True)[0], x))
