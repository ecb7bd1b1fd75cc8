# "Extending PyTorch": functions with their own backward, checked numerically
import torch
from torch.autograd import Function, gradcheck, gradgradcheck


class Exp(Function):
    @staticmethod
    def forward(ctx, i):
        result = i.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad_output):
        (result,) = ctx.saved_tensors
        return grad_output * result


class MulConstant(Function):
    @staticmethod
    def forward(tensor, constant):
        return tensor * constant

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, constant = inputs
        ctx.constant = constant

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.constant, None


class Bad(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * 3


torch.manual_seed(0)
x = torch.randn(3, dtype=torch.double, requires_grad=True)
print(Exp.apply(x).grad_fn, MulConstant.apply(x, 5).grad_fn)
print(gradcheck(Exp.apply, (x,)), gradgradcheck(Exp.apply, (x,)))
print(gradcheck(lambda v: MulConstant.apply(v, 5), (x,)))
print(gradcheck(Bad.apply, (x,), raise_exception=False))
MulConstant.apply(x, 5).sum().backward()
print(x.grad)
