"""Rules of functions of whole tensors: reductions, products, shapes, picks, losses."""

from collections.abc import Mapping

from gradtui.tape.rule import NodeRule, whole

_SHAPE = "The same numbers in another shape: the gradient takes the old shape again."
_PICK = "Only the picked entries get a gradient; all others get 0."

WHOLE: Mapping[str, NodeRule] = {
    # reductions
    "Sum": whole(
        "reduction",
        "Σ {a}",
        "Every entry counts once, so each gets the gradient of the sum.",
        "v, repeated for every entry summed",
    ),
    "Mean": whole(
        "reduction",
        "Σ {a} / {N}",
        "Each of the N entries moves the mean by 1/N.",
        "v / {N}, repeated for every entry",
    ),
    "Prod": whole(
        "reduction", "Π {a}", "Each factor gets the product of all the others.", "v · {y} / {a}"
    ),
    "Max": whole(
        "selection",
        "max {a}",
        "Only the largest entry decides, so it alone gets the gradient.",
        "v where the maximum was taken, 0 elsewhere",
    ),
    "Min": whole(
        "selection",
        "min {a}",
        "Only the smallest entry decides, so it alone gets the gradient.",
        "v where the minimum was taken, 0 elsewhere",
    ),
    "MaxBackward1": whole(
        "selection",
        "max {a}",
        "Only the largest entry decides; equals share the gradient.",
        "v shared by the entries that are the maximum",
    ),
    "MinBackward1": whole(
        "selection",
        "min {a}",
        "Only the smallest entry decides; equals share the gradient.",
        "v shared by the entries that are the minimum",
    ),
    "Amax": whole(
        "selection",
        "max {a}",
        "The largest entries share the gradient.",
        "v shared by the entries that are the maximum",
    ),
    "Amin": whole(
        "selection",
        "min {a}",
        "The smallest entries share the gradient.",
        "v shared by the entries that are the minimum",
    ),
    "Var": whole(
        "reduction",
        "Σ ({a} - mean)² / (N - 1)",
        "Entries far from the mean move the variance most.",
        "v · 2·({a} - mean) / (N - 1)",
    ),
    "Std": whole(
        "reduction",
        "sqrt(var({a}))",
        "The variance's gradient, divided by twice the deviation.",
        "v · ({a} - mean) / ((N - 1)·{y})",
    ),
    "LinalgVectorNorm": whole(
        "reduction", "‖{a}‖", "The gradient points along the vector itself.", "v · {a} / {y}"
    ),
    "Norm": whole(
        "reduction", "‖{a}‖", "The gradient points along the vector itself.", "v · {a} / {y}"
    ),
    "Logsumexp": whole(
        "reduction",
        "ln Σ exp({a})",
        "A smooth maximum: its gradient is the softmax.",
        "v · exp({a} - {y})",
    ),
    "Cumsum": whole(
        "dense",
        "running sums of {a}",
        "An entry is in every later sum, so it gathers their gradients.",
        "sums of v from each place to the end",
    ),
    "Cumprod": whole("dense", "running products of {a}", "An entry is in every later product.", ""),
    # products of matrices
    "Mm": whole(
        "dense",
        "{a} @ {b}",
        "Each matrix gets v times the other, transposed.",
        "v @ {b}ᵀ",
        "{a}ᵀ @ v",
    ),
    "Bmm": whole(
        "dense",
        "{a} @ {b}",
        "Matrix by matrix, each gets v times the other, transposed.",
        "v @ {b}ᵀ",
        "{a}ᵀ @ v",
    ),
    "Mv": whole(
        "dense",
        "{a} @ {b}",
        "The matrix gets an outer product, the vector comes back through the transpose.",
        "v ⊗ {b}",
        "{a}ᵀ @ v",
    ),
    "Dot": whole(
        "reduction", "Σ {a}·{b}", "Each vector gets the other, times v.", "v·{b}", "v·{a}"
    ),
    "Addmm": whole(
        "dense",
        "{a} + {b} @ {c}",
        "A linear layer: bias, input and weight each get their share.",
        "v, summed over the rows of the batch",
        "v @ {c}ᵀ",
        "{b}ᵀ @ v",
    ),
    "Addmv": whole(
        "dense",
        "{a} + {b} @ {c}",
        "A matrix times a vector, plus a vector.",
        "v",
        "v ⊗ {c}",
        "{b}ᵀ @ v",
    ),
    "Baddbmm": whole(
        "dense", "{a} + {b} @ {c}", "Batched products, plus a tensor.", "v", "v @ {c}ᵀ", "{b}ᵀ @ v"
    ),
    "Linear": whole(
        "dense",
        "{a} @ weightᵀ + bias",
        "Input, weight and bias each get their share.",
        "v @ weight",
        "vᵀ @ {a}",
        "v, summed over the batch",
    ),
    "Convolution": whole(
        "dense",
        "{a} * kernel",
        "A convolution goes back as a convolution with the kernel turned around.",
        "v convolved with the turned kernel",
        "v correlated with {a}",
        "v, summed over all places",
    ),
    # shape
    "View": whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "UnsafeView": whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "ReshapeAlias": whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "Reshape": whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "Squeeze": whole("identity", "{a} without dimensions of size 1", _SHAPE, "v, in the old shape"),
    "Unsqueeze": whole("identity", "{a} with one more dimension", _SHAPE, "v, in the old shape"),
    "T": whole("permutation", "{a}ᵀ", "Transposed there, transposed back.", "vᵀ"),
    "Transpose": whole(
        "permutation",
        "{a}, two dimensions swapped",
        "Swapped there, swapped back.",
        "v, swapped back",
    ),
    "Permute": whole(
        "permutation",
        "{a}, dimensions rearranged",
        "Rearranged there, rearranged back.",
        "v, rearranged back",
    ),
    "Flip": whole("permutation", "{a}, reversed", "Reversed there, reversed back.", "v, reversed"),
    "Roll": whole("permutation", "{a}, rolled", "Rolled there, rolled back.", "v, rolled back"),
    "Expand": whole(
        "copies",
        "{a}, repeated by view",
        "One number is seen in many places: their gradients add up.",
        "Σ of v over the repeated dimensions",
    ),
    "Repeat": whole(
        "copies",
        "{a}, copied",
        "Each copy sends its gradient back: they add up.",
        "Σ of v over the copies",
    ),
    # picking and joining
    "Select": whole("selection", "{a}[i]", _PICK, "v at the picked place, 0 elsewhere"),
    "Slice": whole("selection", "{a}[i:j]", _PICK, "v at the picked places, 0 elsewhere"),
    "Index": whole(
        "selection",
        "{a}[index]",
        "Picked entries get a gradient; one picked twice gets both.",
        "v added at the picked places, 0 elsewhere",
    ),
    "IndexSelect": whole(
        "selection",
        "{a}.index_select(…)",
        "Picked rows get a gradient; one picked twice gets both.",
        "v added at the picked places, 0 elsewhere",
    ),
    "Gather": whole(
        "selection",
        "{a}.gather(…)",
        "Gathered entries get a gradient; one gathered twice gets both.",
        "v added at the gathered places, 0 elsewhere",
    ),
    "MaskedSelect": whole("selection", "{a}[mask]", _PICK, "v where the mask is true, 0 elsewhere"),
    "Diagonal": whole("selection", "diagonal of {a}", _PICK, "v on the diagonal, 0 elsewhere"),
    "Tril": whole("selection", "lower triangle of {a}", _PICK, "v in the triangle, 0 elsewhere"),
    "Triu": whole("selection", "upper triangle of {a}", _PICK, "v in the triangle, 0 elsewhere"),
    "AsStrided": whole("selection", "a view of {a}", _PICK, "v at the viewed places, 0 elsewhere"),
    "Embedding": whole(
        "selection",
        "rows of {a}",
        "Rows looked up get a gradient; one used twice gets both.",
        "v added at the rows looked up",
    ),
    "Cat": whole(
        "selection",
        "inputs, joined",
        "The gradient is cut where the inputs were joined.",
        *["the part of v that came from it"] * 8,
    ),
    "Stack": whole(
        "selection",
        "inputs, stacked",
        "Each input gets its own layer of the gradient.",
        *["its layer of v"] * 8,
    ),
    "Split": whole(
        "selection",
        "pieces of {a}",
        "The pieces' gradients are joined again; unused pieces give 0.",
        "the pieces of v, joined",
    ),
    "UnsafeSplit": whole(
        "selection",
        "pieces of {a}",
        "The pieces' gradients are joined again; unused pieces give 0.",
        "the pieces of v, joined",
    ),
    "SplitWithSizes": whole(
        "selection",
        "pieces of {a}",
        "The pieces' gradients are joined again.",
        "the pieces of v, joined",
    ),
    "Unbind": whole(
        "selection",
        "layers of {a}",
        "The layers' gradients are stacked again; unused layers give 0.",
        "the layers of v, stacked",
    ),
    "CopySlices": whole(
        "selection",
        "part of a tensor overwritten in place",
        "What was overwritten gets 0; its gradient goes to what was written there.",
        "v, 0 where it was overwritten",
        "v at the overwritten places",
    ),
    "Fill": whole("selection", "filled in place", "What was there is gone: it gets 0.", "0", "Σ v"),
    "Zero": whole("selection", "zeroed in place", "What was there is gone: it gets 0.", "0"),
    # losses and distributions
    "Softmax": whole(
        "dense",
        "exp({a}) / Σ exp({a})",
        "Raising one entry lowers all the others of its row.",
        "{y}·(v - Σ v·{y})",
    ),
    "LogSoftmax": whole(
        "dense",
        "{a} - ln Σ exp({a})",
        "What one class gains, the row pays for in proportion to the softmax.",
        "v - exp({y})·Σ v",
    ),
    "NllLoss": whole(
        "reduction",
        "-mean of the right classes' {a}",
        "Only the right class of each example gets a gradient.",
        "-v/N at the right class, 0 elsewhere",
    ),
    "NllLossNd": whole(
        "reduction",
        "-mean of the right classes' {a}",
        "Only the right class of each example gets a gradient.",
        "-v/N at the right class, 0 elsewhere",
    ),
    "MseLoss": whole(
        "reduction",
        "mean of ({a} - {b})²",
        "The gradient is the error itself, scaled.",
        "v · 2·({a} - {b})/N",
        "v · 2·({b} - {a})/N",
    ),
    "SmoothL1Loss": whole(
        "reduction",
        "smooth |{a} - {b}|",
        "Like the error when small, its sign when large.",
        "v · clamped error / N",
    ),
    "HuberLoss": whole(
        "reduction",
        "huber({a}, {b})",
        "Like the error when small, its sign when large.",
        "v · clamped error / N",
    ),
    "BinaryCrossEntropy": whole(
        "reduction",
        "-mean of t·ln {a} + (1-t)·ln(1-{a})",
        "A confident wrong answer gets the largest gradient.",
        "v · ({a} - t) / ({a}·(1 - {a})) / N",
    ),
    "BinaryCrossEntropyWithLogits": whole(
        "reduction",
        "binary cross entropy of sigmoid({a})",
        "The gradient is sigmoid minus target: simple on purpose.",
        "v · (sigmoid({a}) - t) / N",
    ),
    "NativeLayerNorm": whole(
        "dense",
        "({a} - mean)/std · w + b",
        "Moving one entry moves mean and deviation, hence all of them.",
        "",
    ),
    "NativeBatchNorm": whole(
        "dense",
        "({a} - mean)/std · w + b",
        "Moving one entry moves mean and deviation, hence all of them.",
        "",
    ),
    "AccumulateGrad": whole(
        "identity",
        "leaf.grad += v",
        "The end of a path: the gradient is added to the leaf's .grad.",
        "v",
    ),
}
