"""Rules of functions of whole tensors: reductions, products, shapes, picks, losses."""

from collections.abc import Mapping

from gradtui.tape.rule import NodeRule, Structure


def _whole(structure: Structure, formula: str, sentence: str, *products: str) -> NodeRule:
    """A function of whole tensors."""
    return NodeRule(formula, sentence, structure, (), products)


_SHAPE = "The same numbers in another shape: the gradient takes the old shape again."
_PICK = "Only the picked entries get a gradient; all others get 0."

WHOLE: Mapping[str, NodeRule] = {
    # reductions
    "Sum": _whole(
        "reduction",
        "Σ {a}",
        "Every entry counts once, so each gets the gradient of the sum.",
        "v, repeated for every entry summed",
    ),
    "Mean": _whole(
        "reduction",
        "Σ {a} / {N}",
        "Each of the N entries moves the mean by 1/N.",
        "v / {N}, repeated for every entry",
    ),
    "Prod": _whole(
        "reduction", "Π {a}", "Each factor gets the product of all the others.", "v · {y} / {a}"
    ),
    "Max": _whole(
        "selection",
        "max {a}",
        "Only the largest entry decides, so it alone gets the gradient.",
        "v where the maximum was taken, 0 elsewhere",
    ),
    "Min": _whole(
        "selection",
        "min {a}",
        "Only the smallest entry decides, so it alone gets the gradient.",
        "v where the minimum was taken, 0 elsewhere",
    ),
    "MaxBackward1": _whole(
        "selection",
        "max {a}",
        "Only the largest entry decides; equals share the gradient.",
        "v shared by the entries that are the maximum",
    ),
    "MinBackward1": _whole(
        "selection",
        "min {a}",
        "Only the smallest entry decides; equals share the gradient.",
        "v shared by the entries that are the minimum",
    ),
    "Amax": _whole(
        "selection",
        "max {a}",
        "The largest entries share the gradient.",
        "v shared by the entries that are the maximum",
    ),
    "Amin": _whole(
        "selection",
        "min {a}",
        "The smallest entries share the gradient.",
        "v shared by the entries that are the minimum",
    ),
    "Var": _whole(
        "reduction",
        "Σ ({a} - mean)² / (N - 1)",
        "Entries far from the mean move the variance most.",
        "v · 2·({a} - mean) / (N - 1)",
    ),
    "Std": _whole(
        "reduction",
        "sqrt(var({a}))",
        "The variance's gradient, divided by twice the deviation.",
        "v · ({a} - mean) / ((N - 1)·{y})",
    ),
    "LinalgVectorNorm": _whole(
        "reduction", "‖{a}‖", "The gradient points along the vector itself.", "v · {a} / {y}"
    ),
    "Norm": _whole(
        "reduction", "‖{a}‖", "The gradient points along the vector itself.", "v · {a} / {y}"
    ),
    "Logsumexp": _whole(
        "reduction",
        "ln Σ exp({a})",
        "A smooth maximum: its gradient is the softmax.",
        "v · exp({a} - {y})",
    ),
    "Cumsum": _whole(
        "dense",
        "running sums of {a}",
        "An entry is in every later sum, so it gathers their gradients.",
        "sums of v from each place to the end",
    ),
    "Cumprod": _whole(
        "dense", "running products of {a}", "An entry is in every later product.", ""
    ),
    # products of matrices
    "Mm": _whole(
        "dense",
        "{a} @ {b}",
        "Each matrix gets v times the other, transposed.",
        "v @ {b}ᵀ",
        "{a}ᵀ @ v",
    ),
    "Bmm": _whole(
        "dense",
        "{a} @ {b}",
        "Matrix by matrix, each gets v times the other, transposed.",
        "v @ {b}ᵀ",
        "{a}ᵀ @ v",
    ),
    "Mv": _whole(
        "dense",
        "{a} @ {b}",
        "The matrix gets an outer product, the vector comes back through the transpose.",
        "v ⊗ {b}",
        "{a}ᵀ @ v",
    ),
    "Dot": _whole(
        "reduction", "Σ {a}·{b}", "Each vector gets the other, times v.", "v·{b}", "v·{a}"
    ),
    "Addmm": _whole(
        "dense",
        "{a} + {b} @ {c}",
        "A linear layer: bias, input and weight each get their share.",
        "v, summed over the rows of the batch",
        "v @ {c}ᵀ",
        "{b}ᵀ @ v",
    ),
    "Addmv": _whole(
        "dense",
        "{a} + {b} @ {c}",
        "A matrix times a vector, plus a vector.",
        "v",
        "v ⊗ {c}",
        "{b}ᵀ @ v",
    ),
    "Baddbmm": _whole(
        "dense", "{a} + {b} @ {c}", "Batched products, plus a tensor.", "v", "v @ {c}ᵀ", "{b}ᵀ @ v"
    ),
    "Linear": _whole(
        "dense",
        "{a} @ weightᵀ + bias",
        "Input, weight and bias each get their share.",
        "v @ weight",
        "vᵀ @ {a}",
        "v, summed over the batch",
    ),
    "Convolution": _whole(
        "dense",
        "{a} * kernel",
        "A convolution goes back as a convolution with the kernel turned around.",
        "v convolved with the turned kernel",
        "v correlated with {a}",
        "v, summed over all places",
    ),
    # shape
    "View": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "UnsafeView": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "ReshapeAlias": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "Reshape": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "Squeeze": _whole(
        "identity", "{a} without dimensions of size 1", _SHAPE, "v, in the old shape"
    ),
    "Unsqueeze": _whole("identity", "{a} with one more dimension", _SHAPE, "v, in the old shape"),
    "T": _whole("permutation", "{a}ᵀ", "Transposed there, transposed back.", "vᵀ"),
    "Transpose": _whole(
        "permutation",
        "{a}, two dimensions swapped",
        "Swapped there, swapped back.",
        "v, swapped back",
    ),
    "Permute": _whole(
        "permutation",
        "{a}, dimensions rearranged",
        "Rearranged there, rearranged back.",
        "v, rearranged back",
    ),
    "Flip": _whole("permutation", "{a}, reversed", "Reversed there, reversed back.", "v, reversed"),
    "Roll": _whole("permutation", "{a}, rolled", "Rolled there, rolled back.", "v, rolled back"),
    "Expand": _whole(
        "copies",
        "{a}, repeated by view",
        "One number is seen in many places: their gradients add up.",
        "Σ of v over the repeated dimensions",
    ),
    "Repeat": _whole(
        "copies",
        "{a}, copied",
        "Each copy sends its gradient back: they add up.",
        "Σ of v over the copies",
    ),
    # picking and joining
    "Select": _whole("selection", "{a}[i]", _PICK, "v at the picked place, 0 elsewhere"),
    "Slice": _whole("selection", "{a}[i:j]", _PICK, "v at the picked places, 0 elsewhere"),
    "Index": _whole(
        "selection",
        "{a}[index]",
        "Picked entries get a gradient; one picked twice gets both.",
        "v added at the picked places, 0 elsewhere",
    ),
    "IndexSelect": _whole(
        "selection",
        "{a}.index_select(…)",
        "Picked rows get a gradient; one picked twice gets both.",
        "v added at the picked places, 0 elsewhere",
    ),
    "Gather": _whole(
        "selection",
        "{a}.gather(…)",
        "Gathered entries get a gradient; one gathered twice gets both.",
        "v added at the gathered places, 0 elsewhere",
    ),
    "MaskedSelect": _whole(
        "selection", "{a}[mask]", _PICK, "v where the mask is true, 0 elsewhere"
    ),
    "Diagonal": _whole("selection", "diagonal of {a}", _PICK, "v on the diagonal, 0 elsewhere"),
    "Tril": _whole("selection", "lower triangle of {a}", _PICK, "v in the triangle, 0 elsewhere"),
    "Triu": _whole("selection", "upper triangle of {a}", _PICK, "v in the triangle, 0 elsewhere"),
    "AsStrided": _whole("selection", "a view of {a}", _PICK, "v at the viewed places, 0 elsewhere"),
    "Embedding": _whole(
        "selection",
        "rows of {a}",
        "Rows looked up get a gradient; one used twice gets both.",
        "v added at the rows looked up",
    ),
    "Cat": _whole(
        "selection",
        "inputs, joined",
        "The gradient is cut where the inputs were joined.",
        *["the part of v that came from it"] * 8,
    ),
    "Stack": _whole(
        "selection",
        "inputs, stacked",
        "Each input gets its own layer of the gradient.",
        *["its layer of v"] * 8,
    ),
    "Split": _whole(
        "selection",
        "pieces of {a}",
        "The pieces' gradients are joined again; unused pieces give 0.",
        "the pieces of v, joined",
    ),
    "SplitWithSizes": _whole(
        "selection",
        "pieces of {a}",
        "The pieces' gradients are joined again.",
        "the pieces of v, joined",
    ),
    "Unbind": _whole(
        "selection",
        "layers of {a}",
        "The layers' gradients are stacked again; unused layers give 0.",
        "the layers of v, stacked",
    ),
    "CopySlices": _whole(
        "selection",
        "part of a tensor overwritten in place",
        "What was overwritten gets 0; its gradient goes to what was written there.",
        "v, 0 where it was overwritten",
        "v at the overwritten places",
    ),
    "Fill": _whole(
        "selection", "filled in place", "What was there is gone: it gets 0.", "0", "Σ v"
    ),
    "Zero": _whole("selection", "zeroed in place", "What was there is gone: it gets 0.", "0"),
    # losses and distributions
    "Softmax": _whole(
        "dense",
        "exp({a}) / Σ exp({a})",
        "Raising one entry lowers all the others of its row.",
        "{y}·(v - Σ v·{y})",
    ),
    "LogSoftmax": _whole(
        "dense",
        "{a} - ln Σ exp({a})",
        "What one class gains, the row pays for in proportion to the softmax.",
        "v - exp({y})·Σ v",
    ),
    "NllLoss": _whole(
        "reduction",
        "-mean of the right classes' {a}",
        "Only the right class of each example gets a gradient.",
        "-v/N at the right class, 0 elsewhere",
    ),
    "NllLossNd": _whole(
        "reduction",
        "-mean of the right classes' {a}",
        "Only the right class of each example gets a gradient.",
        "-v/N at the right class, 0 elsewhere",
    ),
    "MseLoss": _whole(
        "reduction",
        "mean of ({a} - {b})²",
        "The gradient is the error itself, scaled.",
        "v · 2·({a} - {b})/N",
        "v · 2·({b} - {a})/N",
    ),
    "SmoothL1Loss": _whole(
        "reduction",
        "smooth |{a} - {b}|",
        "Like the error when small, its sign when large.",
        "v · clamped error / N",
    ),
    "HuberLoss": _whole(
        "reduction",
        "huber({a}, {b})",
        "Like the error when small, its sign when large.",
        "v · clamped error / N",
    ),
    "BinaryCrossEntropy": _whole(
        "reduction",
        "-mean of t·ln {a} + (1-t)·ln(1-{a})",
        "A confident wrong answer gets the largest gradient.",
        "v · ({a} - t) / ({a}·(1 - {a})) / N",
    ),
    "BinaryCrossEntropyWithLogits": _whole(
        "reduction",
        "binary cross entropy of sigmoid({a})",
        "The gradient is sigmoid minus target: simple on purpose.",
        "v · (sigmoid({a}) - t) / N",
    ),
    "NativeLayerNorm": _whole(
        "dense",
        "({a} - mean)/std · w + b",
        "Moving one entry moves mean and deviation, hence all of them.",
        "",
    ),
    "NativeBatchNorm": _whole(
        "dense",
        "({a} - mean)/std · w + b",
        "Moving one entry moves mean and deviation, hence all of them.",
        "",
    ),
    "AccumulateGrad": _whole(
        "identity",
        "leaf.grad += v",
        "The end of a path: the gradient is added to the leaf's .grad.",
        "v",
    ),
}
