"""The jvp of custom functions."""

import torch
import torch.autograd.forward_ad as fw


def show(name, f):
    try:
        print(name, "->", f())
    except Exception as error:
        print(name, "!!", type(error).__name__, str(error)[:600])


x = torch.tensor([1.0, 2.0], requires_grad=True)
v = torch.tensor([3.0, 4.0])
with fw.dual_level():
    d = fw.make_dual(x, v)

    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, n):
            ctx.save_for_forward(x)
            ctx.n = n
            print("in fwd", x)
            return x * n

        @staticmethod
        def backward(ctx, g):
            return g * ctx.n, None

        @staticmethod
        def jvp(ctx, xt, nt):
            print("jvp", xt, nt, ctx.saved_tensors)
            return xt * ctx.n

    show("F", lambda: F.apply(d, 3.0))

    class G(torch.autograd.Function):
        @staticmethod
        def forward(x, y):
            return x * y, x + y

        @staticmethod
        def setup_context(ctx, i, o):
            ctx.save_for_backward(*i)
            ctx.save_for_forward(*i)

        @staticmethod
        def backward(ctx, g, h):
            x, y = ctx.saved_tensors
            return g * y + h, g * x + h

        @staticmethod
        def jvp(ctx, xt, yt):
            print(xt, yt)
            x, y = ctx.saved_tensors
            return xt * y + x * yt, xt + yt

    show("G", lambda: G.apply(d, v))

    def mk(name, jvp, fwd=lambda ctx, x: x * 2):
        cls = type(
            name,
            (torch.autograd.Function,),
            {
                "forward": staticmethod(fwd),
                "backward": staticmethod(lambda ctx, g: g),
                "jvp": staticmethod(jvp),
            },
        )
        show(name, lambda: cls.apply(d))

    mk("Dt", lambda ctx, a: a.double())

    def ip(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    cls = type(
        "Inp",
        (torch.autograd.Function,),
        {
            "forward": staticmethod(ip),
            "backward": staticmethod(lambda ctx, g: g),
            "jvp": staticmethod(lambda ctx, a: a.mul_(2)),
        },
    )
    show("Inp", lambda: cls.apply(d * 1))
    cls = type(
        "InpBad",
        (torch.autograd.Function,),
        {
            "forward": staticmethod(ip),
            "backward": staticmethod(lambda ctx, g: g),
            "jvp": staticmethod(lambda ctx, a: a * 2),
        },
    )
    show("InpBad", lambda: cls.apply(d * 1))

    def nd(ctx, x):
        y = x * 2
        ctx.mark_non_differentiable(y)
        return y

    cls = type(
        "ND",
        (torch.autograd.Function,),
        {
            "forward": staticmethod(nd),
            "backward": staticmethod(lambda ctx, g: g),
            "jvp": staticmethod(lambda ctx, a: a * 2),
        },
    )
    show("ND", lambda: cls.apply(d * 1))
    cls = type(
        "ND2",
        (torch.autograd.Function,),
        {
            "forward": staticmethod(nd),
            "backward": staticmethod(lambda ctx, g: g),
            "jvp": staticmethod(lambda ctx, a: None),
        },
    )
    show("ND2", lambda: cls.apply(d * 1))
