"""What autograd's errors mean and how to mend them, by the stable part of their message.

mistake("grad can be implicitly created only for scalar outputs").remedy
"""

import re

from msgspec import Struct


class Mistake(Struct, frozen=True):
    """An error message's stable part, what went wrong, and what to do."""

    match: str  # a regular expression, searched for
    meaning: str
    remedy: str


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        r"implicitly created only for scalar",
        "Only a scalar has the obvious starting gradient 1. This tensor has several entries, so "
        "autograd cannot know how much each of them counts.",
        "Pass a vector of the same shape, z.backward(v), or reduce to one number first: "
        "z.sum().backward() is the same as v = ones.",
    ),
    Mistake(
        r"does not require grad and does not have a grad_fn",
        "This tensor has no history: it was made without inputs that require grad, from a "
        "detached tensor, or under no_grad. There is nothing to go back through.",
        "Start from a tensor with requires_grad=True, and look on the rails for the place where "
        "the line is cut or hollow.",
    ),
    Mistake(
        r"backward through the graph a second time",
        "The first backward pass released what this node had saved, to free memory. A second "
        "pass needs it again. (Nodes that save nothing, like an addition, can run twice.)",
        "Run the forward code again to record a new graph, or keep the old one with "
        "backward(retain_graph=True) in the first pass.",
    ),
    Mistake(
        r"has been modified by an inplace operation",
        "This node saved a tensor for its backward formula, and the tensor was changed in place "
        "afterwards: its version is newer than the saved one, so the formula would be wrong.",
        "Write the new numbers to a new tensor (y = y + 1 instead of y += 1), or change it only "
        "after the backward pass.",
    ),
    Mistake(
        r"a view of a leaf Variable that requires grad is being used in an in-place",
        "A view shares the numbers of its leaf; changing them in place would change the leaf "
        "while it is being recorded.",
        "Wrap the update in `with torch.no_grad():`, or work on a copy: x.clone().",
    ),
    Mistake(
        r"a leaf Variable that requires grad is being used in an in-place",
        "A leaf is where gradients arrive. If it were overwritten while recording, the gradient "
        "for its old numbers would have nowhere to go.",
        "Wrap the update in `with torch.no_grad():`, as an optimizer does, or make a new tensor.",
    ),
    Mistake(
        r"params argument given to the optimizer should be an iterable",
        "An optimizer takes a collection of parameters. A single tensor is not one, even if it "
        "could be iterated: its rows would be new tensors, not the parameter.",
        "Put it in a list: torch.optim.SGD([weights], lr=0.01).",
    ),
    Mistake(
        r"can't optimize a non-leaf",
        "An optimizer changes leaves. This tensor is the result of an operation: it will be "
        "computed anew, and no .grad is kept for it.",
        "Give the optimizer the tensor you started from, or make a leaf: "
        "t.detach().requires_grad_().",
    ),
    Mistake(
        r"optimizer got an empty parameter list",
        "There is nothing to optimize: the collection was empty, or a generator already used up.",
        "Pass model.parameters() anew, and see that the model registers its parameters.",
    ),
    Mistake(
        r"Mismatch in shape: grad_output",
        "The vector given to backward says how much each entry of the tensor counts, so it must "
        "have the tensor's own shape.",
        "Make it with torch.ones_like(z), torch.randn_like(z), or the like.",
    ),
    Mistake(
        r"appears to not have been used in the graph",
        "No path leads from the result back to this input: its gradient is not 0 by a formula, "
        "it is simply not there.",
        "Check on the rails where the input was cut off, or pass allow_unused=True and expect "
        "None.",
    ),
    Mistake(
        r"differentiated Tensors does not require grad",
        "A gradient was asked for with respect to a tensor that is not being tracked.",
        "Set requires_grad=True on it before the forward code runs.",
    ),
    Mistake(
        r"[Oo]nly Tensors of floating point .*can require grad",
        "A gradient is a rate of change: whole numbers and truth values have no small changes.",
        "Make it a float tensor: torch.tensor([1., 2.]) or t.float().",
    ),
    Mistake(
        r"can only change requires_grad flags of leaf",
        "This tensor is the result of recorded operations; whether it requires grad follows from "
        "its inputs.",
        "Use t.detach() for a version without history.",
    ),
    Mistake(
        r"retain_grad\(?\)? on Tensor that has requires_grad=False",
        "No gradient will ever reach this tensor, so there is none to keep.",
        "Call retain_grad() on a tensor that is part of a recorded graph.",
    ),
    Mistake(
        r"Can't call numpy\(\) on Tensor that requires grad",
        "Numpy cannot record operations: the history would silently end there.",
        "Say that you mean it: t.detach().numpy().",
    ),
    Mistake(
        r"is a view and is being modified in-?place",
        "This view came from an operation that gives several views at once; changing one in "
        "place cannot be recorded.",
        "Clone the view first, or write to the base tensor by index.",
    ),
    Mistake(
        r"must match the (?:existing )?size|shapes? cannot be multiplied|size mismatch"
        r"|inconsistent tensor size|not broadcastable",
        "The shapes do not fit together. Broadcasting lines shapes up from the right: each pair of "
        "sizes must be equal, or one of them 1; a product needs equal inner sizes.",
        "Print both shapes, and use unsqueeze, reshape or a transpose where they part.",
    ),
    Mistake(
        r"'NoneType' object has no attribute|and 'NoneType'|'NoneType' and",
        "A .grad is None until a backward pass has reached the tensor, and again after "
        "zero_grad() or for a tensor that is not a leaf.",
        "Run backward first, or test `if w.grad is not None`.",
    ),
    Mistake(
        r"cannot be converted to Scalar|only one element tensors can be converted",
        "item() and float() need exactly one number.",
        "Reduce the tensor first, with sum(), mean() or an index.",
    ),
    Mistake(
        r"Boolean value of Tensor with more than one value is ambiguous",
        "Each entry has its own truth; an `if` needs a single one.",
        "Ask for .all() or .any().",
    ),
    Mistake(
        r"Found dtype|expected .* same dtype|expected scalar type|should be the same",
        "The numbers have different types; autograd and matrix products do not mix them.",
        "Convert one of them: t.float() or t.to(other.dtype).",
    ),
    Mistake(
        r"can't assign .* grad|assigned grad has data of a different",
        "A .grad must have the shape and dtype of its tensor.",
        "Assign a tensor like torch.zeros_like(x), or None.",
    ),
)


def mistake(message: str) -> Mistake | None:
    """The explanation of an error message, if it is a known one."""
    return next((known for known in MISTAKES if re.search(known.match, message)), None)
