"""What a program made is let go with it."""

import gc
import weakref

import gradtui.engine as engine


def test_a_function_of_the_users_is_let_go() -> None:
    class Twice(engine.autograd.Function):
        @staticmethod
        def forward(ctx, x):  # type: ignore[no-untyped-def]
            return x * 2

        @staticmethod
        def backward(ctx, grad):  # type: ignore[no-untyped-def]
            return grad * 2

    x = engine.ones(2, requires_grad=True)
    Twice.apply(x).sum().backward()
    known = weakref.ref(Twice)
    del Twice
    gc.collect()
    assert known() is None
