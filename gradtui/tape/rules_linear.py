"""Rules of linear algebra: factorisations, inverses, products of several operands."""

from collections.abc import Mapping

from gradtui.tape.rule import NodeRule, whole

_FACTORS = "A factorisation: every entry of the factors moves with every entry of the matrix."

LINEAR: Mapping[str, NodeRule] = {
    "LinalgInvEx": whole(
        "dense", "{a}⁻¹", "The inverse stands on both sides of the gradient.", "-{y}ᵀ @ v @ {y}ᵀ"
    ),
    "LinalgDet": whole(
        "reduction", "det {a}", "The determinant times the inverse, transposed.", "v · {y}·{a}⁻ᵀ"
    ),
    "LinalgSlogdet": whole(
        "reduction", "ln |det {a}|", "The slope of ln det is the inverse, transposed.", "v · {a}⁻ᵀ"
    ),
    "LinalgSolveEx": whole(
        "dense",
        "{a}⁻¹ @ {b}",
        "Solving goes back as solving with the transpose.",
        "-({a}⁻ᵀ @ v) @ {y}ᵀ",
        "{a}⁻ᵀ @ v",
    ),
    "LinalgSolveTriangular": whole(
        "dense",
        "{a}⁻¹ @ {b}, {a} triangular",
        "Solving goes back as solving with the transpose.",
        "-({a}⁻ᵀ @ v) @ {y}ᵀ, in the triangle",
        "{a}⁻ᵀ @ v",
    ),
    "LinalgCholeskyEx": whole("dense", "L with L @ Lᵀ = {a}", _FACTORS, "L⁻ᵀ @ Φ(Lᵀ @ v) @ L⁻¹"),
    "CholeskyInverse": whole(
        "dense", "({a} @ {a}ᵀ)⁻¹", "The inverse stands on both sides of the gradient.",
        "-{y} @ (v + vᵀ) @ {y} @ {a}",
    ),
    "CholeskySolve": whole(
        "dense", "({b} @ {b}ᵀ)⁻¹ @ {a}", "Solving goes back as solving by the same factor.",
        "({b} @ {b}ᵀ)⁻¹ @ v", "-(g @ {y}ᵀ + {y} @ gᵀ) @ {b}, where g is the other gradient",
    ),
    "TriangularSolve": whole(
        "dense", "{b}⁻¹ @ {a}, {b} triangular", "Solving goes back as solving with the transpose.",
        "{b}⁻ᵀ @ v", "-({b}⁻ᵀ @ v) @ {y}ᵀ, in the triangle",
    ),
    "LinalgLuFactorEx": whole(
        "dense", "L, U with P @ L @ U = {a}", _FACTORS, "P @ L⁻ᵀ @ (…) @ U⁻ᵀ"
    ),
    "LinalgLu": whole("dense", "L, U with P @ L @ U = {a}", _FACTORS, "P @ L⁻ᵀ @ (…) @ U⁻ᵀ"),
    "LuUnpack": whole(
        "selection", "L and U, taken from {a}", "Each triangle goes back to its place.",
        "v_L below the diagonal, v_U above",
    ),
    "LinalgLuSolve": whole(
        "dense", "(P @ L @ U)⁻¹ @ {b}, L and U in {a}",
        "Solving goes back as solving with the transpose.",
        "the triangles of -(g @ {y}ᵀ), where g is the other gradient", "(P @ L @ U)⁻ᵀ @ v",
    ),
    "LinalgHouseholderProduct": whole(
        "dense", "the product of the reflectors in {a}, {b}",
        "Each reflector gets what it was applied to, and what comes back to it.",
    ),
    "Ormqr": whole(
        "dense", "the reflectors in {a}, {b} applied to {c}",
        "Each reflector gets what it was applied to; the matrix is turned back.",
    ),
    "Geqrf": whole("dense", "reflectors and R of {a}", "torch has no derivative of it."),
    "Cholesky": whole("dense", "L with L @ Lᵀ = {a}", _FACTORS, "L⁻ᵀ @ Φ(Lᵀ @ v) @ L⁻¹"),
    "LinalgQr": whole("dense", "Q, R with Q @ R = {a}", _FACTORS, "(v_Q + Q @ …) @ R⁻ᵀ"),
    "LinalgSvd": whole(
        "dense", "U, S, V with U @ S @ Vᵀ = {a}", _FACTORS, "U @ (…) @ Vᵀ, by 1/(s_j² - s_i²)"
    ),
    "LinalgEigh": whole(
        "dense", "L, V with V @ L @ Vᵀ = {a}", _FACTORS, "V @ (v_L + …) @ Vᵀ, by 1/(l_j - l_i)"
    ),
    "LinalgPinv": whole(
        "dense", "the pseudo-inverse of {a}", "It stands on both sides of the gradient.",
        "-{y}ᵀ @ v @ {y}ᵀ + …",
    ),
    "LinalgMatrixExp": whole(
        "dense", "exp of the matrix {a}", "A series of powers, each differentiated.",
        "a block of exp([[{a}ᵀ, v], [0, {a}ᵀ]])",
    ),
    "LinalgCross": whole(
        "dense", "{a} × {b}", "A cross product goes back as cross products.", "{b} × v", "v × {a}"
    ),
    "Vdot": whole("reduction", "Σ {a}·{b}", "Each vector gets the other, times v.", "v·{b}", "v·{a}"),
    "Trace": whole(
        "reduction", "Σ of the diagonal of {a}", "Only the diagonal counts, each entry once.",
        "v on the diagonal, 0 elsewhere",
    ),
    "Addbmm": whole(
        "dense", "{a} + Σ {b}ᵢ @ {c}ᵢ", "Products of matrices, added up.",
        "v", "v @ {c}ᵢᵀ", "{b}ᵢᵀ @ v",
    ),
    "Addr": whole(
        "dense", "{a} + {b} ⊗ {c}", "An outer product, plus a matrix.", "v", "v @ {c}", "vᵀ @ {b}"
    ),
    "Trilinear": whole(
        "dense", "Σ {a}·{b}·{c}", "Each factor gets the product of the other two.",
        "Σ v·{b}·{c}", "Σ v·{a}·{c}", "Σ v·{a}·{b}",
    ),
    "ScaledDotProductFlashAttentionForCpu": whole(
        "dense",
        "P @ {c}, P = softmax({a} @ {b}ᵀ/√d)",
        "Attention: queries and keys by way of the softmax, values by its weights.",
        "dS @ {b}/√d", "dSᵀ @ {a}/√d", "Pᵀ @ v",
    ),
    "WeightNormInterface": whole(
        "dense", "{b}·{a}/‖{a}‖", "A direction and a length, learnt apart.",
        "the part of v across {a}", "the part of v along {a}",
    ),
}  # fmt: skip
