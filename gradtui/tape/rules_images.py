"""Rules of images, distances and bags: resizing, sampling grids, unpooling, embeddings, margins."""

from collections.abc import Mapping

from gradtui.tape.rule import NodeRule, whole

_RESIZED = "Every pixel of the result is a mix of few pixels: each gets its share of the gradient."
_APART = "A distance grows along the line between the two points."

IMAGES: Mapping[str, NodeRule] = {
    **{
        f"Upsample{name}": whole(
            "copies", "{a}, resized: each pixel the nearest", "A pixel repeated gathers the "
            "gradients of all its copies.", "v, added over the copies of each pixel",
        )
        for name in ("Nearest1D", "NearestExact1D", "Nearest2D", "NearestExact2D", "Nearest3D",
                     "NearestExact3D")
    },
    **{
        f"Upsample{name}": whole(
            "dense", f"{{a}}, resized: {kind} mixes of neighbours", _RESIZED,
            "v, spread by the weights of each mix",
        )
        for name, kind in (("Linear1D", "linear"), ("Bilinear2D", "bilinear"),
                           ("Trilinear3D", "trilinear"), ("Bicubic2D", "bicubic"),
                           ("Bilinear2DAa", "bilinear"), ("Bicubic2DAa", "bicubic"))
    },
    **{
        f"GridSampler{n}D": whole(
            "dense", "{a} read at the places {b}", "The picture gets gradients by the weights of "
            "each reading; the places by how steep the picture is there.",
            "v, spread by the weights of each reading", "v · the slope of {a} at each place",
        )
        for n in (2, 3)
    },
    "AffineGridGenerator": whole(
        "dense", "places of a grid, moved by {a}", "Each place is the matrix times its coordinates.",
        "vᵀ @ the coordinates",
    ),
    **{
        f"MaxUnpool{n}D": whole(
            "selection", "{a} put back where maxima were", "Each entry gets the gradient of its place.",
            "v at the places it was put",
        )
        for n in (2, 3)
    },
    "Im2Col": whole(
        "copies", "windows of {a}, as columns", "An entry in several windows gathers their gradients.",
        "Σ of v over the windows an entry is in",
    ),
    "Col2Im": whole(
        "broadcast-sum", "windows {a}, added up to an image", "Each window takes its part again.",
        "the windows of v",
    ),
    "RreluWithNoise": whole(
        "diagonal", "{a}, below 0 times a random slope",
        "Positive entries pass all of it, negative ones the part that was drawn.",
        "v · 1 or the drawn slope",
    ),
    "EmbeddingBag": whole(
        "reduction", "sums, means or maxima of rows of {a}",
        "Rows of a bag share its gradient; one used twice gets both.",
        "v added at the rows looked up", "v · each row",
    ),
    "EmbeddingBagPerSampleWeights": whole(
        "reduction", "the weights' part of sums of rows", "A weight gets v times its row.", "v · row"
    ),
    "Cdist": whole(
        "dense", "‖{a}ᵢ - {b}ⱼ‖ for all pairs", _APART,
        "Σ v · ({a}ᵢ - {b}ⱼ)/{y}", "Σ v · ({b}ⱼ - {a}ᵢ)/{y}",
    ),
    "EuclideanDist": whole(
        "dense", "‖{a}ᵢ - {b}ⱼ‖ for all pairs", _APART,
        "Σ v · ({a}ᵢ - {b}ⱼ)/{y}", "Σ v · ({b}ⱼ - {a}ᵢ)/{y}",
    ),
    "Pdist": whole(
        "dense", "‖{a}ᵢ - {a}ⱼ‖ for all pairs i < j", _APART, "Σ v · ({a}ᵢ - {a}ⱼ)/{y}"
    ),
    "MultiMarginLoss": whole(
        "reduction", "mean of max(0, margin - {a}[right] + {a}[other])",
        "Classes that come too near the right one get a gradient, and it the opposite.",
        "v/N at classes within the margin, minus their count at the right one",
    ),
    "MultilabelMarginLoss": whole(
        "reduction", "mean of max(0, 1 - {a}[right] + {a}[other])",
        "Classes that come too near a right one get a gradient, and it the opposite.",
        "v/N at classes within the margin, minus their count at the right ones",
    ),
    "CtcLoss": whole(
        "reduction", "-ln Σ of the probabilities of all alignments",
        "Each symbol at each moment gets the gradient of the alignments that use it.",
        "v · (exp({a}) - the share of alignments through it)",
    ),
}  # fmt: skip
