"""Rules of functions that move, pick, pad or pool: sorting, scattering, windows over images."""

from collections.abc import Mapping

from gradtui.tape.rule import NodeRule, whole

_PICKED = "Picked entries get the gradient of where they went; all others get 0."
_SPREAD = "What was overwritten gets 0; its gradient goes to what was written there."
_BACK = "v, put back to where each entry came from"
_PADDED = "The border is cut off the gradient; repeated entries gather theirs."
_WINDOW = "The largest entry of each window gets its gradient."
_SO_FAR = "Each result picks one entry; one picked often gets all."
_MEAN = "Every entry of a window gets an equal part of its gradient."

MAX_POOLS = (
    "MaxPool2DWithIndices", "MaxPool3DWithIndices", "AdaptiveMaxPool2D", "AdaptiveMaxPool3D",
    "FractionalMaxPool2D", "FractionalMaxPool3D",
)  # fmt: skip

PLACES: Mapping[str, NodeRule] = {
    # order
    "Sort": whole("permutation", "{a}, sorted", "Sorted there, put back in place here.", _BACK),
    "Topk": whole("selection", "the largest of {a}", _PICKED, _BACK),
    "Kthvalue": whole("selection", "the k-th smallest of {a}", _PICKED, _BACK),
    "Mode": whole("selection", "the most frequent of {a}", _PICKED, _BACK),
    "Median": whole("selection", "the median of {a}", _PICKED, _BACK),
    "Nanmedian": whole("selection", "the median of {a}", _PICKED, _BACK),
    "Aminmax": whole(
        "selection", "min and max of {a}", "Only the extremes get a gradient; equals share it.",
        "v where the extremes were taken",
    ),
    "Cummax": whole(
        "selection", "the largest of {a} so far", _SO_FAR,
        "v added where each maximum was taken",
    ),
    "Cummin": whole(
        "selection", "the smallest of {a} so far", _SO_FAR,
        "v added where each minimum was taken",
    ),
    "Unique2": whole("selection", "{a} without repeats", "Torch has no gradient for it.", ""),
    "UniqueConsecutive": whole(
        "selection", "{a} without repeats", "Torch has no gradient for it.", ""
    ),
    # reductions
    "Nansum": whole("reduction", "Σ {a}, without nan", "Every number counts once.",
        "v, repeated for every number, 0 at nan"),
    "VarMean": whole("reduction", "variance and mean of {a}",
        "Entries far from the mean move the variance most.", "v₀ · 2·({a} - mean)/(N - 1) + v₁/N"),
    "StdMean": whole("reduction", "deviation and mean of {a}",
        "Entries far from the mean move the deviation most.",
        "v₀ · ({a} - mean)/((N - 1)·std) + v₁/N"),
    "Dist": whole("reduction", "‖{a} - {b}‖", "The gradient points along the difference.",
        "v · ({a} - {b})/{y}", "v · ({b} - {a})/{y}"),
    "Logcumsumexp": whole("dense", "ln of running sums of exp({a})",
        "An entry is in every later sum, so it gathers their gradients.",
        "exp({a}) · running sums, from the end, of v·exp(-{y})"),
    "Glu": whole("dense", "first half · sigmoid(second half) of {a}",
        "One half decides how much of the other passes.",
        "v·sigmoid(second), v·first·slope of sigmoid"),
    # written at places
    "IndexPut": whole("selection", "{b} written at places of {a}", _SPREAD,
        "v, 0 where it was overwritten", "v at the written places"),
    "IndexPutImpl": whole("selection", "{b} added at places of {a}",
        "A sum hands the gradient to both sides.", "v", "v at those places"),
    "MaskedScatter": whole("selection", "{b} written where a mask is true", _SPREAD,
        "v, 0 where it was overwritten", "v where it was written"),
    "Scatter": whole("selection", "{b} scattered over {a}", _SPREAD,
        "v, 0 where it was overwritten", "v, gathered where it was written"),
    "ScatterAdd": whole("selection", "{b} added at places of {a}",
        "A sum hands the gradient to both sides.", "v", "v, gathered at those places"),
    "IndexAdd": whole("selection", "{b} added to rows of {a}",
        "A sum hands the gradient to both sides.", "v", "v at those rows"),
    "IndexCopy": whole("selection", "{b} written to rows of {a}", _SPREAD,
        "v, 0 at the rows", "v at the rows"),
    "IndexFill": whole("selection", "a number written to rows of {a}", _SPREAD,
        "v, 0 at the rows", "Σ of v at the rows"),
    "Take": whole("selection", "{a}.take(…)", _PICKED, "v added at the picked places"),
    "Put": whole("selection", "{b} put at places of {a}", _SPREAD,
        "v, 0 where it was overwritten", "v at those places"),
    **{
        f"{kind}Scatter": whole("selection", f"{{b}} written to {where} of {{a}}", _SPREAD,
            "v, 0 where it was overwritten", "v where it was written")
        for kind, where in (("Select", "one layer"), ("Slice", "a slice"),
            ("Diagonal", "a diagonal"), ("AsStrided", "a view"))
    },
    "ScatterReduce": whole("dense", "{b} gathered into places of {a}",
        "Each place is a sum, mean, product or extreme of what came to it.",
        "v by the share of what was there", "v by the share of each that came"),
    "IndexReduce": whole("dense", "{b} gathered into rows of {a}",
        "Each row is a mean, product or extreme of what came to it.",
        "v by the share of what was there", "v by the share of each that came"),
    # rearranged
    "PixelShuffle": whole("permutation", "{a}, channels laid out as pixels",
        "Rearranged there, rearranged back.", _BACK),
    "PixelUnshuffle": whole("permutation", "{a}, pixels laid out as channels",
        "Rearranged there, rearranged back.", _BACK),
    "ChannelShuffle": whole("permutation", "{a}, channels shuffled",
        "Rearranged there, rearranged back.", _BACK),
    "Rot90": whole("permutation", "{a}, turned", "Turned there, turned back.", "v, turned back"),
    "DiagEmbed": whole("selection", "{a} on a diagonal", "Only the diagonal came from the input.",
        "the diagonal of v"),
    "PackPaddedSequence": whole("selection", "{a} without its padding",
        "Each packed entry goes back to its place; padding gets 0.", "v in its places, 0 elsewhere"),
    "NarrowCopy": whole("selection", "a part of {a}",
        "Only the part gets a gradient; all the rest gets 0.", "v in its place, 0 elsewhere"),
    "DiagonalBackward0_copy": whole("selection", "diagonal of {a}",
        "Only the picked entries get a gradient; all others get 0.", "v on the diagonal"),
    "Unfold": whole("copies", "windows of {a}", "An entry in several windows gathers their gradients.",
        "Σ of v over the windows an entry is in"),
    # borders and windows
    "ConstantPadNd": whole("selection", "{a} with a border of one number",
        "The border is cut off the gradient.", "v without the border"),
    **{
        f"{kind}Pad{n}D": whole("copies", f"{{a}} with a border {said}", _PADDED,
            "v without the border, plus the border's v where it was copied from")
        for kind, said in (("Reflection", "that mirrors it"), ("Replication", "that repeats its edge"))
        for n in (1, 2, 3)
    },
    **{
        name: whole("selection", "the largest of each window of {a}", _WINDOW,
            "v added where each maximum was taken")
        for name in MAX_POOLS
    },
    **{
        name: whole("reduction", "the mean of each window of {a}", _MEAN,
            "v/size of the window, spread over it, added where windows overlap")
        for name in ("AvgPool2D", "AvgPool3D", "AdaptiveAvgPool2D", "AdaptiveAvgPool3D")
    },
    # normalisation, losses
    "NativeGroupNorm": whole("dense", "({a} - mean)/std · {b} + {c}, group by group",
        "Moving one entry moves mean and deviation of its group, hence all of it.",
        "({b}·v - its mean - x̂·mean({b}·v·x̂))/std", "Σ v·x̂", "Σ v"),
    "SafeSoftmax": whole("dense", "exp({a}) / Σ exp({a})",
        "Raising one entry lowers all the others of its row.", "{y}·(v - Σ v·{y})"),
    "NllLoss2D": whole("reduction", "-mean of the right classes' {a}",
        "Only the right class of each place gets a gradient.", "-v/N at the right class, 0 elsewhere"),
    "SoftMarginLoss": whole("reduction", "mean of ln(1 + exp(-t·{a}))",
        "A confident wrong answer gets the largest gradient.", "-v · t·sigmoid(-t·{a}) / N"),
}  # fmt: skip
