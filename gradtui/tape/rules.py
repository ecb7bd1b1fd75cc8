"""What each node of the backward graph does, in the words and signs of the field: one frozen table.

    rule("MulBackward0").derivatives     # ("{b}", "{a}"): d result / d each input, entry by entry
    rule("MmBackward0").products         # ("v @ {b}ᵀ", "{a}ᵀ @ v"): v·J for each input
    rule("SinBackward0").structure       # "diagonal": the shape of the Jacobian

In the templates `{a}` and `{b}` are the inputs, `{y}` the result, `{n}` a fixed number; v is the
incoming cotangent, ᵀ a transpose, Σ a sum. Structures name what is not zero in the Jacobian: see
`STRUCTURES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Structure: TypeAlias = Literal[
    "identity", "diagonal", "permutation", "selection", "broadcast-sum", "reduction", "dense",
    "copies", "cut", "unknown",
]  # fmt: skip

STRUCTURES: Mapping[str, str] = {
    "identity": "1 on the diagonal, 0 elsewhere: v passes unchanged",
    "diagonal": "entry i of the result depends on entry i of the input alone",
    "permutation": "a single 1 in each row and column: v is only rearranged",
    "selection": "ones where an entry was picked, 0 elsewhere: v goes back to its place",
    "broadcast-sum": "one input entry feeds several results: their gradients are summed",
    "reduction": "every result gathers many entries: v is handed back to each of them",
    "copies": "one input entry is copied to several places: their gradients are summed",
    "dense": "every result depends on every entry it was computed from",
    "cut": "no gradient goes this way",
    "unknown": "the node is opaque: only v and v·J are known",
}


@dataclass(frozen=True, slots=True)
class NodeRule:
    """A node's operation as a formula, its derivatives or products by input, and one sentence."""

    formula: str
    sentence: str
    structure: Structure
    derivatives: tuple[str, ...] = ()  # entry by entry, for diagonal Jacobians
    products: tuple[str, ...] = ()  # v·J as a whole


def _each(formula: str, sentence: str, *derivatives: str) -> NodeRule:
    """A function applied entry by entry."""
    constant = all(text == "1" for text in derivatives)
    return NodeRule(formula, sentence, "identity" if constant else "diagonal", derivatives)


def _whole(structure: Structure, formula: str, sentence: str, *products: str) -> NodeRule:
    """A function of whole tensors."""
    return NodeRule(formula, sentence, structure, (), products)


_SHAPE = "The same numbers in another shape: the gradient takes the old shape again."
_PICK = "Only the picked entries get a gradient; all others get 0."

RULES: Mapping[str, NodeRule] = {
    # arithmetic
    "Add": _each("{a} + {b}", "A sum hands the gradient to both sides unchanged.", "1", "1"),
    "Sub": _each("{a} - {b}", "The left side gets the gradient, the right side minus it.", "1", "-1"),
    "Rsub": _each("{b} - {a}", "What is subtracted gets minus the gradient.", "-1"),
    "Mul": _each("{a}·{b}", "Each factor gets the gradient times the other factor.", "{b}", "{a}"),
    "Div": _each(
        "{a}/{b}", "Dividing scales the gradient by one over the divisor.", "1/{b}", "-{a}/{b}²"
    ),
    "Neg": _each("-{a}", "A minus sign turns the gradient around.", "-1"),
    "Pow": _each("{a}^{n}", "Bring the exponent down, lower it by one.", "{n}·{a}^({n}-1)"),
    "PowBackward1": _each(
        "{a}^{b}", "Base and exponent each get a gradient.", "{b}·{a}^({b}-1)", "{y}·ln({a})"
    ),
    "PowBackward2": _each("{n}^{b}", "An exponential: the result times ln of the base.", "{y}·ln({n})"),
    "Reciprocal": _each("1/{a}", "One over a number falls by the square of it.", "-1/{a}²"),
    "Abs": _each("|{a}|", "The gradient keeps or flips its sign with the input's.", "sign({a})"),
    "Sgn": _each("sign({a})", "A sign is flat: its gradient is 0 everywhere.", "0"),
    "Sign": _each("sign({a})", "A sign is flat: its gradient is 0 everywhere.", "0"),
    "Floor": _each("floor({a})", "A staircase is flat: its gradient is 0.", "0"),
    "Round": _each("round({a})", "A staircase is flat: its gradient is 0.", "0"),
    # functions of one number
    "Exp": _each("exp({a})", "exp is its own derivative: the result itself.", "{y}"),
    "Log": _each("ln({a})", "The smaller the input, the steeper the logarithm.", "1/{a}"),
    "Log1P": _each("ln(1 + {a})", "The logarithm of one more.", "1/(1 + {a})"),
    "Log2": _each("log2({a})", "A logarithm, scaled by ln 2.", "1/({a}·ln(2))"),
    "Expm1": _each("exp({a}) - 1", "The 1 is constant; exp remains.", "{y} + 1"),
    "Sqrt": _each("sqrt({a})", "The steeper, the closer to 0.", "1/(2·{y})"),
    "Rsqrt": _each("1/sqrt({a})", "One over a square root.", "-{y}^3/2"),
    "Sin": _each("sin({a})", "The slope of sine is cosine.", "cos({a})"),
    "Cos": _each("cos({a})", "The slope of cosine is minus sine.", "-sin({a})"),
    "Tan": _each("tan({a})", "The slope of the tangent grows with its square.", "1 + {y}²"),
    "Atan": _each("atan({a})", "Flat far from 0.", "1/(1 + {a}²)"),
    "Sinh": _each("sinh({a})", "The slope of sinh is cosh.", "cosh({a})"),
    "Cosh": _each("cosh({a})", "The slope of cosh is sinh.", "sinh({a})"),
    "Tanh": _each("tanh({a})", "Near -1 and 1 the slope dies away.", "1 - {y}²"),
    "Sigmoid": _each("sigmoid({a})", "Steepest, 1/4, at 0; flat at both ends.", "{y}·(1 - {y})"),
    "Relu": _each("relu({a})", "Positive entries pass the gradient on, others stop it.", "[{y} > 0]"),
    "LeakyRelu": _each(
        "leaky_relu({a})", "Positive entries pass all of it, negative ones a small part.",
        "1 if {a} > 0, else the slope",
    ),
    "Elu": _each("elu({a})", "Positive entries pass it; negative ones fade.", "1 if {a} > 0, else exp({a})"),
    "Gelu": _each(
        "gelu({a})", "A smooth relu: the normal distribution decides how much passes.",
        "Φ({a}) + {a}·φ({a})",
    ),
    "Silu": _each(
        "{a}·sigmoid({a})", "A smooth relu.", "sigmoid({a})·(1 + {a}·(1 - sigmoid({a})))"
    ),
    "Softplus": _each("ln(1 + exp({a}))", "A smooth relu: its slope is the sigmoid.", "sigmoid({a})"),
    "LogSigmoid": _each("ln(sigmoid({a}))", "The less likely, the more gradient.", "1 - sigmoid({a})"),
    "Erf": _each("erf({a})", "The bell curve is the slope of erf.", "2/sqrt(pi)·exp(-{a}²)"),
    "Clamp": _each("clamp({a})", "Entries within the limits pass it, clamped ones stop it.", "[{a} within the limits]"),
    "ClampMin": _each("clamp({a})", "Entries above the limit pass it.", "[{a} within the limits]"),
    "ClampMax": _each("clamp({a})", "Entries below the limit pass it.", "[{a} within the limits]"),
    "Hardtanh": _each("clamp({a})", "Entries within the limits pass it.", "[{a} within the limits]"),
    "Maximum": _each("max({a}, {b})", "The larger of the two gets the gradient.", "[{a} > {b}]", "[{b} > {a}]"),
    "Minimum": _each("min({a}, {b})", "The smaller of the two gets the gradient.", "[{a} < {b}]", "[{b} < {a}]"),
    "Where": _each("where(…, {a}, {b})", "Each entry goes back to the side it was taken from.", "[taken from {a}]", "[taken from {b}]"),
    "MaskedFill": _each("masked_fill({a})", "Filled entries no longer depend on the input.", "[not filled]", ""),
    "Clone": _each("clone({a})", "A copy with a history: the gradient passes unchanged.", "1"),
    "ToCopy": _each("{a}.to(…)", "Another dtype or device: the gradient is converted back.", "1"),
    "Alias": _each("{a}", "The same tensor again: the gradient passes unchanged.", "1"),
    "NativeDropout": _each("dropout({a})", "Dropped entries get 0; the rest is scaled as before.", "mask/(1-p)"),
    "Lerp": _each("lerp({a}, {b}, {n})", "A mix: each side gets its share.", "1-w", "w"),
    # reductions
    "Sum": _whole("reduction", "Σ {a}", "Every entry counts once, so each gets the gradient of the sum.", "v, repeated for every entry summed"),
    "Mean": _whole("reduction", "Σ {a} / {N}", "Each of the N entries moves the mean by 1/N.", "v / {N}, repeated for every entry"),
    "Prod": _whole("reduction", "Π {a}", "Each factor gets the product of all the others.", "v · {y} / {a}"),
    "Max": _whole("selection", "max {a}", "Only the largest entry decides, so it alone gets the gradient.", "v where the maximum was taken, 0 elsewhere"),
    "Min": _whole("selection", "min {a}", "Only the smallest entry decides, so it alone gets the gradient.", "v where the minimum was taken, 0 elsewhere"),
    "MaxBackward1": _whole("selection", "max {a}", "Only the largest entry decides; equals share the gradient.", "v shared by the entries that are the maximum"),
    "MinBackward1": _whole("selection", "min {a}", "Only the smallest entry decides; equals share the gradient.", "v shared by the entries that are the minimum"),
    "Amax": _whole("selection", "max {a}", "The largest entries share the gradient.", "v shared by the entries that are the maximum"),
    "Amin": _whole("selection", "min {a}", "The smallest entries share the gradient.", "v shared by the entries that are the minimum"),
    "Var": _whole("reduction", "Σ ({a} - mean)² / (N - 1)", "Entries far from the mean move the variance most.", "v · 2·({a} - mean) / (N - 1)"),
    "Std": _whole("reduction", "sqrt(var({a}))", "The variance's gradient, divided by twice the deviation.", "v · ({a} - mean) / ((N - 1)·{y})"),
    "LinalgVectorNorm": _whole("reduction", "‖{a}‖", "The gradient points along the vector itself.", "v · {a} / {y}"),
    "Norm": _whole("reduction", "‖{a}‖", "The gradient points along the vector itself.", "v · {a} / {y}"),
    "Logsumexp": _whole("reduction", "ln Σ exp({a})", "A smooth maximum: its gradient is the softmax.", "v · exp({a} - {y})"),
    "Cumsum": _whole("dense", "running sums of {a}", "An entry is in every later sum, so it gathers their gradients.", "sums of v from each place to the end"),
    "Cumprod": _whole("dense", "running products of {a}", "An entry is in every later product.", ""),
    # products of matrices
    "Mm": _whole("dense", "{a} @ {b}", "Each matrix gets v times the other, transposed.", "v @ {b}ᵀ", "{a}ᵀ @ v"),
    "Bmm": _whole("dense", "{a} @ {b}", "Matrix by matrix, each gets v times the other, transposed.", "v @ {b}ᵀ", "{a}ᵀ @ v"),
    "Mv": _whole("dense", "{a} @ {b}", "The matrix gets an outer product, the vector comes back through the transpose.", "v ⊗ {b}", "{a}ᵀ @ v"),
    "Dot": _whole("reduction", "Σ {a}·{b}", "Each vector gets the other, times v.", "v·{b}", "v·{a}"),
    "Addmm": _whole("dense", "{c} + {a} @ {b}", "A linear layer: bias, input and weight each get their share.", "v, summed over the rows of the batch", "v @ {b}ᵀ", "{a}ᵀ @ v"),
    "Addmv": _whole("dense", "{c} + {a} @ {b}", "A matrix times a vector, plus a vector.", "v", "v ⊗ {b}", "{a}ᵀ @ v"),
    "Baddbmm": _whole("dense", "{c} + {a} @ {b}", "Batched products, plus a tensor.", "v", "v @ {b}ᵀ", "{a}ᵀ @ v"),
    "Linear": _whole("dense", "{a} @ weightᵀ + bias", "Input, weight and bias each get their share.", "v @ weight", "vᵀ @ {a}", "v, summed over the batch"),
    "Convolution": _whole("dense", "{a} * kernel", "A convolution goes back as a convolution with the kernel turned around.", "v convolved with the turned kernel", "v correlated with {a}", "v, summed over all places"),
    # shape
    "View": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "UnsafeView": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "ReshapeAlias": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "Reshape": _whole("identity", "{a}, reshaped", _SHAPE, "v, in the old shape"),
    "Squeeze": _whole("identity", "{a} without dimensions of size 1", _SHAPE, "v, in the old shape"),
    "Unsqueeze": _whole("identity", "{a} with one more dimension", _SHAPE, "v, in the old shape"),
    "T": _whole("permutation", "{a}ᵀ", "Transposed there, transposed back.", "vᵀ"),
    "Transpose": _whole("permutation", "{a}, two dimensions swapped", "Swapped there, swapped back.", "v, swapped back"),
    "Permute": _whole("permutation", "{a}, dimensions rearranged", "Rearranged there, rearranged back.", "v, rearranged back"),
    "Flip": _whole("permutation", "{a}, reversed", "Reversed there, reversed back.", "v, reversed"),
    "Roll": _whole("permutation", "{a}, rolled", "Rolled there, rolled back.", "v, rolled back"),
    "Expand": _whole("copies", "{a}, repeated by view", "One number is seen in many places: their gradients add up.", "Σ of v over the repeated dimensions"),
    "Repeat": _whole("copies", "{a}, copied", "Each copy sends its gradient back: they add up.", "Σ of v over the copies"),
    # picking and joining
    "Select": _whole("selection", "{a}[i]", _PICK, "v at the picked place, 0 elsewhere"),
    "Slice": _whole("selection", "{a}[i:j]", _PICK, "v at the picked places, 0 elsewhere"),
    "Index": _whole("selection", "{a}[index]", "Picked entries get a gradient; one picked twice gets both.", "v added at the picked places, 0 elsewhere"),
    "IndexSelect": _whole("selection", "{a}.index_select(…)", "Picked rows get a gradient; one picked twice gets both.", "v added at the picked places, 0 elsewhere"),
    "Gather": _whole("selection", "{a}.gather(…)", "Gathered entries get a gradient; one gathered twice gets both.", "v added at the gathered places, 0 elsewhere"),
    "MaskedSelect": _whole("selection", "{a}[mask]", _PICK, "v where the mask is true, 0 elsewhere"),
    "Diagonal": _whole("selection", "diagonal of {a}", _PICK, "v on the diagonal, 0 elsewhere"),
    "Tril": _whole("selection", "lower triangle of {a}", _PICK, "v in the triangle, 0 elsewhere"),
    "Triu": _whole("selection", "upper triangle of {a}", _PICK, "v in the triangle, 0 elsewhere"),
    "AsStrided": _whole("selection", "a view of {a}", _PICK, "v at the viewed places, 0 elsewhere"),
    "Embedding": _whole("selection", "rows of {a}", "Rows looked up get a gradient; one used twice gets both.", "v added at the rows looked up"),
    "Cat": _whole("selection", "inputs, joined", "The gradient is cut where the inputs were joined.", *["the part of v that came from it"] * 8),
    "Stack": _whole("selection", "inputs, stacked", "Each input gets its own layer of the gradient.", *["its layer of v"] * 8),
    "Split": _whole("selection", "pieces of {a}", "The pieces' gradients are joined again; unused pieces give 0.", "the pieces of v, joined"),
    "SplitWithSizes": _whole("selection", "pieces of {a}", "The pieces' gradients are joined again.", "the pieces of v, joined"),
    "Unbind": _whole("selection", "layers of {a}", "The layers' gradients are stacked again; unused layers give 0.", "the layers of v, stacked"),
    "CopySlices": _whole("selection", "part of a tensor overwritten in place", "Overwritten entries no longer depend on what was there; their gradient goes to what was written.", "v, 0 where it was overwritten", "v at the overwritten places"),
    "Fill": _whole("selection", "filled in place", "What was there is gone: it gets 0.", "0", "Σ v"),
    "Zero": _whole("selection", "zeroed in place", "What was there is gone: it gets 0.", "0"),
    # losses and distributions
    "Softmax": _whole("dense", "exp({a}) / Σ exp({a})", "Raising one entry lowers all the others of its row.", "{y}·(v - Σ v·{y})"),
    "LogSoftmax": _whole("dense", "{a} - ln Σ exp({a})", "What one class gains, the row pays for in proportion to the softmax.", "v - exp({y})·Σ v"),
    "NllLoss": _whole("reduction", "-mean of the right classes' {a}", "Only the right class of each example gets a gradient.", "-v/N at the right class, 0 elsewhere"),
    "NllLossNd": _whole("reduction", "-mean of the right classes' {a}", "Only the right class of each example gets a gradient.", "-v/N at the right class, 0 elsewhere"),
    "MseLoss": _whole("reduction", "mean of ({a} - {b})²", "The gradient is the error itself, scaled.", "v · 2·({a} - {b})/N", "v · 2·({b} - {a})/N"),
    "L1Loss": _whole("reduction", "mean of |{a} - {b}|", "Only the sign of the error counts.", "v · sign({a} - {b})/N"),
    "SmoothL1Loss": _whole("reduction", "smooth |{a} - {b}|", "Like the error when small, its sign when large.", "v · clamped error / N"),
    "HuberLoss": _whole("reduction", "huber({a}, {b})", "Like the error when small, its sign when large.", "v · clamped error / N"),
    "BinaryCrossEntropy": _whole("reduction", "-mean of t·ln {a} + (1-t)·ln(1-{a})", "A confident wrong answer gets the largest gradient.", "v · ({a} - t) / ({a}·(1 - {a})) / N"),
    "BinaryCrossEntropyWithLogits": _whole("reduction", "binary cross entropy of sigmoid({a})", "The gradient is sigmoid minus target: simple on purpose.", "v · (sigmoid({a}) - t) / N"),
    "NativeLayerNorm": _whole("dense", "({a} - mean)/std · w + b", "Moving one entry moves mean and deviation, hence all of them.", ""),
    "NativeBatchNorm": _whole("dense", "({a} - mean)/std · w + b", "Moving one entry moves mean and deviation, hence all of them.", ""),
    "AccumulateGrad": _whole("identity", "leaf.grad += v", "The end of a path: the gradient is added to the leaf's .grad.", "v"),
}  # fmt: skip

UNKNOWN = NodeRule("", "", "unknown")


def rule(node: str) -> NodeRule:
    """The rule of a node by its name as torch prints it; an empty one if it is not in the table."""
    plain = node.rpartition("::")[2]
    short = plain.rstrip("0123456789").removesuffix("Backward")
    return RULES.get(plain) or RULES.get(short) or UNKNOWN
