"""torch.func: gradients, products, Jacobians, nested, and what it refuses."""

import torch


def show(name, f):
    try:
        print(name, "->", f())
    except Exception as error:
        print(name, "!!", type(error).__name__, str(error)[:600])


jvp, grad, vjp, jacfwd, jacrev, hessian, vmap, grad_and_value, linearize, functional_call = [
    getattr(torch.func, n)
    for n in "jvp grad vjp jacfwd jacrev hessian vmap grad_and_value linearize functional_call".split()
]
x = torch.tensor([1.0, 2.0])
v = torch.tensor([3.0, 4.0])
s = torch.tensor(2.0)
f = lambda x: x**2
show("primals", lambda: jvp(f, x, v))
show("struct", lambda: jvp(f, (x,), (v, v)))
show("struct2", lambda: jvp(f, (x,), v))
show("struct3", lambda: jvp(lambda a: a["a"], ({"a": x, "b": [x]},), ({"a": v},)))
show("empty", lambda: jvp(f, (), ()))
show("nt", lambda: jvp(f, (1.0,), (1.0,)))
show("nt2", lambda: jvp(f, (x,), (1.0,)))
show("shape", lambda: jvp(f, (x,), (s,)))
show("int", lambda: jvp(f, (torch.tensor([1]),), (torch.tensor([1]),)))
show("ret", lambda: jvp(lambda x: 3.0, (x,), (v,)))
show("none", lambda: jvp(lambda x: None, (x,), (v,)))
show("tuple", lambda: jvp(lambda x: (x, {"a": x.sum()}), (x,), (v,)))
show("strict", lambda: jvp(lambda x: torch.ones(2), (x,), (v,), strict=True))
show("nostrict", lambda: jvp(lambda x: torch.ones(2), (x,), (v,)))
show("aux", lambda: jvp(lambda x: (x * 2, x.sum()), (x,), (v,), has_aux=True))
show("auxbad", lambda: jvp(f, (x,), (v,), has_aux=True))
show("auxnt", lambda: jvp(lambda x: (x, 3.0), (x,), (v,), has_aux=True))
show("two", lambda: jvp(lambda a, b: a * b, (x, v), (v, x)))
xr = torch.tensor([1.0, 2.0], requires_grad=True)
show("rg", lambda: jvp(f, (xr,), (v,)))
show("rg2", lambda: jvp(lambda x: x, (xr,), (v,)))
show("rgt", lambda: jvp(f, (x,), (xr,)))
show("nested", lambda: jvp(lambda a: jvp(f, (a,), (v,))[1], (x,), (v,)))
show(
    "3",
    lambda: jvp(
        lambda a: jvp(lambda b: jvp(lambda c: c**3, (b,), (v,))[1], (a,), (v,))[1], (x,), (v,)
    ),
)
show(
    "pert",
    lambda: jvp(lambda a: a * jvp(lambda b: a + b, (s,), (s,))[1], (s,), (torch.tensor(1.0),)),
)
show("pert2", lambda: grad(lambda a: a * grad(lambda b: a * b)(s))(s))
show("gradjvp", lambda: grad(lambda a: jvp(f, (a,), (v,))[1].sum())(x))
show("jvpgrad", lambda: jvp(grad(lambda a: (a**3).sum()), (x,), (v,)))
show("jf", lambda: jacfwd(f)(x))
show("jf0", lambda: jacfwd(torch.sin)(s))
show("jfm", lambda: jacfwd(lambda a, b: a @ b, argnums=(0, 1))(torch.ones(2, 2), x))
show("jfaux", lambda: jacfwd(lambda a: (a**2, a.sum()), has_aux=True)(x))
show("jfd", lambda: jacfwd(lambda d: {"o": d["a"] * d["b"]})({"a": x, "b": v}))
show("jft", lambda: jacfwd(lambda a: (a, a.sum()))(x))
show("jfrg", lambda: jacfwd(f)(xr))
show("jrrg", lambda: jacrev(f)(xr))
show("hess", lambda: hessian(lambda a: (a**3).sum())(x))
show("hess2", lambda: hessian(lambda a, b: (a**2 * b).sum(), argnums=(0, 1))(x, v))
show("hessrg", lambda: hessian(lambda a: (a**3).sum())(xr))
show("jj", lambda: jacfwd(jacfwd(lambda a: a**3))(x))
show("jjr", lambda: jacrev(jacfwd(lambda a: a**3))(x))
show("arg", lambda: jacfwd(f, argnums=1)(x))
show("arg2", lambda: jacfwd(f, argnums=[0])(x))
show("arg3", lambda: grad(f, argnums=(0, 0))(x))
show("arg4", lambda: grad(f, argnums=())(x))
show("arg5", lambda: grad(f, argnums=(0, "a"))(x))
show("arg6", lambda: jacrev(f, argnums=-2)(x))
show("arg7", lambda: jacrev(f, argnums="a")(x))
show("neg", lambda: jacrev(lambda a, b: a * b, argnums=-1)(x, v))
show("chunk", lambda: jacrev(f, chunk_size=0))
show("chunk2", lambda: jacrev(f, chunk_size=1)(x))
show("jrint", lambda: jacrev(lambda a: torch.tensor([1]))(x))
show("jrnone", lambda: jacrev(lambda a: None)(x))
show("jrnum", lambda: jacrev(lambda a: 3.0)(x))
show("gi", lambda: grad(lambda a: a.sum())(torch.tensor([1])))
show("gn", lambda: grad(lambda a: a)(3.0))
show("gscal", lambda: grad(f)(x))
show("gret", lambda: grad(lambda a: 3.0)(x))
show("gaux", lambda: grad(lambda a: (a.sum(), a), has_aux=True)(x))
show("gauxbad", lambda: grad(lambda a: a.sum(), has_aux=True)(x))
show("gauxnt", lambda: grad(lambda a: (a.sum(), {"k": 3}), has_aux=True)(x))
show("gv", lambda: grad_and_value(lambda a: (a**2).sum())(x))
show("gvaux", lambda: grad_and_value(lambda a: ((a**2).sum(), a * 2), has_aux=True)(x))
show("gkw", lambda: grad(lambda a, k=None: (a * k).sum())(x, k=v))
show("gtree", lambda: grad(lambda d: (d["a"] * d["b"]).sum())({"a": x, "b": v}))
show("gconst", lambda: grad(lambda a: s * 1)(x))
show("grg", lambda: grad(lambda a: (a**2).sum())(xr))
show("gclosed", lambda: grad(lambda a: (a * xr).sum())(x))


def vj():
    o, fn = vjp(f, x)
    return o, fn(v)


show("vjp", vj)
show("vjpret", lambda: vjp(lambda a: 3.0, x))
show("vjpint", lambda: vjp(lambda a: torch.tensor([1]), x))
show("vjpst", lambda: vjp(f, x)[1]((v, v)))
show("vjpst2", lambda: vjp(lambda a: (a, {"k": a}), x)[1](v))
show("vjpsh", lambda: vjp(f, x)[1](s))
show("vjp2", lambda: vjp(lambda a, b: (a * b, a + b), x, v)[1]((v, x)))
show("vjpaux", lambda: vjp(lambda a: (a * 2, a.sum()), x, has_aux=True)[::2])
show("vjpaux2", lambda: vjp(f, x, has_aux=True))
show("vjp1", lambda: vjp(lambda a: (a * 2,), x)[1]((v,)))


def tw():
    o, fn = vjp(f, x)
    return fn(v), fn(v)


show("twice", tw)
show("vjptree", lambda: vjp(lambda d: d["a"] * 2, {"a": x})[1](v))


def lin():
    o, fn = linearize(lambda a: a**2 + 1, x)
    return o, fn(v)


show("lin", lin)
show("lin2", lambda: linearize(f, x)[1](s))
show("lin3", lambda: linearize(f, x)[1](v, v))
show("lin4", lambda: linearize(f, x)[1](v.double()))
show("lin5", lambda: linearize(lambda a, b: (a * b, a), x, v)[1](v, x))
show("vm", lambda: vmap(jacfwd(f))(torch.ones(2, 2)))
show("vmj", lambda: vmap(lambda a: jvp(f, (a,), (v,))[1])(torch.ones(3, 2)))
show("jvm", lambda: jvp(vmap(f), (torch.ones(2, 2),), (torch.ones(2, 2),)))
show("vmg", lambda: vmap(grad(lambda a: (a**2).sum()))(torch.ones(3, 2)))
show("vmhess", lambda: vmap(hessian(lambda a: (a**2).sum()))(torch.ones(2, 2)))
m = torch.nn.Linear(2, 1)
with torch.no_grad():
    m.weight.fill_(0.5)
    m.bias.fill_(1.0)
p = dict(m.named_parameters())
show("fc", lambda: grad(lambda p, x: functional_call(m, p, (x,)).sum())(p, x))
show(
    "fcj",
    lambda: jacrev(lambda p, x: functional_call(m, p, (x,)))(
        {k: w.detach() for k, w in p.items()}, x
    ),
)
show(
    "fcf",
    lambda: jacfwd(lambda p, x: functional_call(m, p, (x,)))(
        {k: w.detach() for k, w in p.items()}, x
    ),
)
show("ng", lambda: torch.no_grad()(lambda: grad(lambda a: (a**2).sum())(x))())
show("inplace", lambda: grad(lambda a: (a.clone().mul_(2) ** 2).sum())(x))
show("inplace2", lambda: jvp(lambda a: a.clone().mul_(a), (x,), (v,)))
show("inpl3", lambda: grad(lambda a: a.mul_(2).sum())(x.clone()))
show("item", lambda: grad(lambda a: a.sum() if a.sum().item() > 0 else -a.sum())(x))
show("det", lambda: jvp(lambda a: a.detach() * a, (x,), (v,)))
show("gdet", lambda: grad(lambda a: (a.detach() * a).sum())(x))
show("ngin", lambda: grad(lambda a: (torch.no_grad()(lambda: a * 2)() * a).sum())(x))
show("jngin", lambda: jvp(lambda a: torch.no_grad()(lambda: a * 2)() * a, (x,), (v,)))
show("back", lambda: (grad(lambda a: (a * xr).sum())(x).sum().backward(), xr.grad))
