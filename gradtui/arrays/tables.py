"""The names of numpy that lesson code may reach. What is absent here cannot be named by a lesson."""

from gradtui.language.tables import words

TYPES = words("""
    ndarray generic number integer signedinteger unsignedinteger inexact floating complexfloating
    bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64
    complex128 intp uintp intc uint half single double longlong ulonglong csingle cdouble byte ubyte
    short ushort dtype finfo iinfo
""")
CONSTANTS = words("pi e inf nan newaxis euler_gamma True_ False_ __version__")

UNARY = words("""
    abs absolute arccos arccosh arcsin arcsinh arctan arctanh bitwise_not bitwise_count cbrt ceil
    conj conjugate cos cosh deg2rad degrees exp exp2 expm1 fabs floor frexp invert isfinite isinf
    isnan log log10 log1p log2 logical_not modf negative positive rad2deg radians reciprocal rint
    sign signbit sin sinh spacing sqrt square tan tanh trunc acos acosh asin asinh atan atanh
""")
BINARY = words("""
    add arctan2 atan2 bitwise_and bitwise_or bitwise_xor copysign divide divmod equal float_power
    floor_divide fmax fmin fmod gcd greater greater_equal heaviside hypot lcm ldexp left_shift less
    less_equal logaddexp logaddexp2 logical_and logical_or logical_xor maximum minimum mod multiply
    nextafter not_equal pow power remainder right_shift subtract true_divide bitwise_left_shift
    bitwise_right_shift
""")

_NUMBER = """
T all any argmax argmin argsort astype clip conj conjugate copy cumprod cumsum diagonal dtype
flatten imag item itemsize max mean min nbytes ndim nonzero prod ravel real repeat reshape round
shape size squeeze std strides sum swapaxes tolist trace transpose var
"""
ARRAY = (
    _NUMBER
    + "argpartition choose compress dot fill flat mT partition put searchsorted sort take view"
)
SCALAR = _NUMBER + "is_integer as_integer_ratio bit_count"
DTYPE = "name itemsize kind char str num type alignment ndim shape"
FINFO = "bits eps max min tiny smallest_normal smallest_subnormal resolution precision dtype"
IINFO = "bits max min dtype kind"
CHANGING = frozenset(words("fill partition put sort"))
"""Methods that change the array itself."""

DRAWS = words("""
    beta binomial chisquare choice dirichlet exponential f gamma geometric gumbel
    hypergeometric laplace logistic lognormal logseries multinomial multivariate_normal
    negative_binomial normal pareto permutation poisson power rayleigh shuffle standard_cauchy
    standard_exponential standard_gamma standard_normal standard_t triangular uniform vonmises wald
    weibull zipf
""")
LEGACY = words("seed rand randn randint random random_sample ranf sample")
GENERATOR = words("integers random permuted")
