"""Rules of functions applied entry by entry: their Jacobians are diagonal."""

from collections.abc import Mapping

from gradtui.tape.rule import NodeRule


def _each(formula: str, sentence: str, *derivatives: str) -> NodeRule:
    """A function applied entry by entry."""
    constant = all(text == "1" for text in derivatives)
    return NodeRule(formula, sentence, "identity" if constant else "diagonal", derivatives)


ENTRYWISE: Mapping[str, NodeRule] = {
    # arithmetic
    "Add": _each("{a} + {b}", "A sum hands the gradient to both sides unchanged.", "1", "1"),
    "Sub": _each(
        "{a} - {b}", "The left side gets the gradient, the right side minus it.", "1", "-1"
    ),
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
    "PowBackward2": _each(
        "{n}^{b}", "An exponential: the result times ln of the base.", "{y}·ln({n})"
    ),
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
    "Relu": _each(
        "relu({a})", "Positive entries pass the gradient on, others stop it.", "[{y} > 0]"
    ),
    "LeakyRelu": _each(
        "leaky_relu({a})",
        "Positive entries pass all of it, negative ones a small part.",
        "1 if {a} > 0, else the slope",
    ),
    "Elu": _each(
        "elu({a})", "Positive entries pass it; negative ones fade.", "1 if {a} > 0, else exp({a})"
    ),
    "Gelu": _each(
        "gelu({a})",
        "A smooth relu: the normal distribution decides how much passes.",
        "Φ({a}) + {a}·φ({a})",
    ),
    "Silu": _each(
        "{a}·sigmoid({a})", "A smooth relu.", "sigmoid({a})·(1 + {a}·(1 - sigmoid({a})))"
    ),
    "Softplus": _each(
        "ln(1 + exp({a}))", "A smooth relu: its slope is the sigmoid.", "sigmoid({a})"
    ),
    "LogSigmoid": _each(
        "ln(sigmoid({a}))", "The less likely, the more gradient.", "1 - sigmoid({a})"
    ),
    "Erf": _each("erf({a})", "The bell curve is the slope of erf.", "2/sqrt(pi)·exp(-{a}²)"),
    "Clamp": _each(
        "clamp({a})",
        "Entries within the limits pass it, clamped ones stop it.",
        "[{a} within the limits]",
    ),
    "ClampMin": _each("clamp({a})", "Entries above the limit pass it.", "[{a} within the limits]"),
    "ClampMax": _each("clamp({a})", "Entries below the limit pass it.", "[{a} within the limits]"),
    "Hardtanh": _each(
        "clamp({a})", "Entries within the limits pass it.", "[{a} within the limits]"
    ),
    "Maximum": _each(
        "max({a}, {b})", "The larger of the two gets the gradient.", "[{a} > {b}]", "[{b} > {a}]"
    ),
    "Minimum": _each(
        "min({a}, {b})", "The smaller of the two gets the gradient.", "[{a} < {b}]", "[{b} < {a}]"
    ),
    "Where": _each(
        "where(…, {a}, {b})",
        "Each entry goes back to the side it was taken from.",
        "[taken from {a}]",
        "[taken from {b}]",
    ),
    "MaskedFill": _each(
        "masked_fill({a})", "Filled entries no longer depend on the input.", "[not filled]", ""
    ),
    "Clone": _each("clone({a})", "A copy with a history: the gradient passes unchanged.", "1"),
    "ToCopy": _each("{a}.to(…)", "Another dtype or device: the gradient is converted back.", "1"),
    "Alias": _each("{a}", "The same tensor again: the gradient passes unchanged.", "1"),
    "NativeDropout": _each(
        "dropout({a})", "Dropped entries get 0; the rest is scaled as before.", "mask/(1-p)"
    ),
    "Lerp": _each("lerp({a}, {b}, {n})", "A mix: each side gets its share.", "1-w", "w"),
    # more of one number
    "Ceil": _each("ceil({a})", "A staircase is flat: its gradient is 0.", "0"),
    "Trunc": _each("trunc({a})", "A staircase is flat: its gradient is 0.", "0"),
    "Frac": _each("{a} - trunc({a})", "A sawtooth rises as its input does.", "1"),
    "Exp2": _each("2^{a}", "An exponential: the result times ln 2.", "{y}·ln(2)"),
    "Log10": _each("log10({a})", "A logarithm, scaled by ln 10.", "1/({a}·ln(10))"),
    "Asin": _each("asin({a})", "Steepest at -1 and 1.", "1/sqrt(1 - {a}²)"),
    "Acos": _each("acos({a})", "It falls as asin rises.", "-1/sqrt(1 - {a}²)"),
    "Asinh": _each("asinh({a})", "Flat far from 0.", "1/sqrt({a}² + 1)"),
    "Acosh": _each("acosh({a})", "Steepest at 1, flat far from it.", "1/sqrt({a}² - 1)"),
    "Atanh": _each("atanh({a})", "Steepest at -1 and 1.", "1/(1 - {a}²)"),
    "Deg2Rad": _each("{a}·pi/180", "A change of unit: one factor for all.", "pi/180"),
    "Rad2Deg": _each("{a}·180/pi", "A change of unit: one factor for all.", "180/pi"),
    "Erfc": _each("1 - erf({a})", "It falls as erf rises.", "-2/sqrt(pi)·exp(-{a}²)"),
    "Erfinv": _each("erfinv({a})", "The steeper, the flatter erf is.", "sqrt(pi)/2·exp({y}²)"),
    "Lgamma": _each("ln |Γ({a})|", "The slope of ln Γ is digamma.", "digamma({a})"),
    "Digamma": _each("digamma({a})", "Its slope is trigamma.", "polygamma(1, {a})"),
    "Polygamma": _each("polygamma(n, {a})", "Its slope is the next.", "polygamma(n + 1, {a})"),
    "Sinc": _each(
        "sin(pi·{a})/(pi·{a})", "A wave that dies away.", "(cos(pi·{a}) - {y})/{a}, 0 at 0"
    ),
    "Logit": _each("ln({a}/(1 - {a}))", "Steepest near 0 and 1.", "1/({a}·(1 - {a}))"),
    "NanToNum": _each(
        "{a}, without nan and inf", "Replaced entries stop the gradient.", "[{a} is finite]"
    ),
    "Threshold": _each(
        "{a} where above a threshold", "Replaced entries stop the gradient.", "[{a} > threshold]"
    ),
    "Celu": _each(
        "celu({a})",
        "Positive entries pass it; negative ones fade.",
        "1 if {a} > 0, else exp({a}/alpha)",
    ),
    "Mish": _each(
        "{a}·tanh(s), s = softplus({a})",
        "A smooth relu.",
        "tanh(s) + {a}·(1 - tanh(s)²)·sigmoid({a})",
    ),
    "Hardsigmoid": _each(
        "clamp({a}/6 + 1/2)",
        "A straight line between -3 and 3, flat outside.",
        "1/6 if |{a}| < 3, else 0",
    ),
    "Hardswish": _each(
        "{a}·clamp({a}/6 + 1/2)",
        "A relu with a curve between -3 and 3.",
        "0 below -3, 1 above 3, between them {a}/3 + 1/2",
    ),
    "Hardshrink": _each("{a} where |{a}| > λ", "Small entries stop the gradient.", "[|{a}| > λ]"),
    "Softshrink": _each("{a} drawn to 0 by λ", "Small entries stop the gradient.", "[|{a}| > λ]"),
    # more of two numbers
    "Remainder": _each(
        "{a} % {b}",
        "The rest moves as its input; the divisor counts as often as it fits.",
        "1",
        "-floor({a}/{b})",
    ),
    "Fmod": _each(
        "fmod({a}, {b})",
        "The rest moves as its input; the divisor counts as often as it fits.",
        "1",
        "-trunc({a}/{b})",
    ),
    "Fmax": _each(
        "max({a}, {b})", "The larger of the two gets the gradient.", "[{a} ≥ {b}]", "[{b} > {a}]"
    ),
    "Fmin": _each(
        "min({a}, {b})", "The smaller of the two gets the gradient.", "[{a} ≤ {b}]", "[{b} < {a}]"
    ),
    "Atan2": _each(
        "atan2({a}, {b})",
        "An angle turns the less, the longer its arms.",
        "{b}/({a}² + {b}²)",
        "-{a}/({a}² + {b}²)",
    ),
    "Hypot": _each(
        "sqrt({a}² + {b}²)", "Each side gets its share of the length.", "{a}/{y}", "{b}/{y}"
    ),
    "Addcmul": _each(
        "{a} + value·{b}·{c}",
        "A sum with a product: each factor gets the other.",
        "1",
        "value·{c}",
        "value·{b}",
    ),
    "Addcdiv": _each(
        "{a} + value·{b}/{c}",
        "A sum with a quotient.",
        "1",
        "value/{c}",
        "-value·{b}/{c}²",
    ),
    "Logaddexp": _each(
        "ln(exp({a}) + exp({b}))",
        "A smooth maximum: the larger gets most.",
        "exp({a} - {y})",
        "exp({b} - {y})",
    ),
    "Logaddexp2": _each(
        "log2(2^{a} + 2^{b})",
        "A smooth maximum: the larger gets most.",
        "2^({a} - {y})",
        "2^({b} - {y})",
    ),
    "Xlogy": _each("{a}·ln({b})", "A product with a logarithm.", "ln({b})", "{a}/{b}"),
    "Copysign": _each(
        "|{a}| with the sign of {b}",
        "The gradient turns where the sign was turned.",
        "{y}/{a}",
        "0",
    ),
    "PreluKernel": _each(
        "{a} or {b}·{a} below 0",
        "Negative entries pass a part, which is learnt.",
        "1 if {a} > 0, else {b}",
        "{a} if {a} < 0, else 0",
    ),
    **{
        name: _each(
            f"{{a}} {sign} {{b}}", "True or false does not change smoothly: no gradient.", "0", "0"
        )
        for name, sign in (
            ("Eq", "=="),
            ("Ne", "!="),
            ("Lt", "<"),
            ("Le", "<="),
            ("Gt", ">"),
            ("Ge", ">="),
        )
    },
    # written over
    "CopyBackwards": _each(
        "{b}, copied over {a}",
        "What was there is gone; what was copied gets the gradient.",
        "0",
        "1",
    ),
    "ConjPhysical": _each("{a}", "Real numbers are their own conjugates.", "1"),
    "Angle": _each("angle({a})", "Of real numbers it is 0 or π: flat.", "0"),
    "Frexp": _each(
        "the mantissa of {a}",
        "The exponent does not change smoothly; the mantissa does.",
        "{y}/{a}",
    ),
    "Poisson": _each("counts at the rates {a}", "A draw does not move smoothly: 0.", "0"),
    "Identity": _each("{a}", "The same tensor again: the gradient passes unchanged.", "1"),
    **{
        name: _each("random numbers over {a}", "What was there is gone: it gets 0.", "0")
        for name in (
            "Normal",
            "Uniform",
            "Exponential",
            "Random",
            "Bernoulli",
            "Geometric",
            "Cauchy",
            "LogNormal",
        )
    },
}
