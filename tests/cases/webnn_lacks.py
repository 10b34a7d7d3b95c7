"""What the WebNN of the test shell does not take or computes differently, exactly: a browser that
mends one makes the tests fail, so that the lists are kept."""

from __future__ import annotations

# What LiteRT, which runs WebNN in the test shell, does not take. A browser that does makes the
# test fail, so that the list is kept.
_COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
WEBNN_LACKS = {
    "uint32": {
        "abs",
        "sign",
        "pow",
        "negative",
        "add",
        "subtract",
        "maximum",
        "minimum",
        "sum",
        "prod",
        "max",
        "min",
        "argmax",
        "argmin",
        "cumulative_sum",
        "gather",
        "gather_nd",
        "scatter_nd",
        "pad",
        *_COMPARISONS,
    },
    "int32": {"matmul", "conv2d", "max_pool2d"},
    "int8": {
        "resample2d",
        "pad",
        "sign",
        "pow",
        "negative",
        "abs",
        "add",
        "subtract",
        "multiply",
        *_COMPARISONS,
    },
    "uint8": {
        "abs",
        "sign",
        "pow",
        "negative",
        "add",
        "subtract",
        "multiply",
        "where",
        "scatter_nd",
        # It is made in uint32.
        "cumulative_sum",
        "resample2d",
        *_COMPARISONS,
    },
    "bool": {"equal", "not_equal", "where", "scatter_nd"},
}
# What WebNN's specification has no form for: tensors without elements, slices backward. What LiteRT
# has none for: padding from the edge.
WEBNN_NEVER = {"empty", "backward", "of a slice", "edge"}
# LiteRT has no such transposed convolutions and pooling; it averages zeros around the data in.
WEBNN_NEVER |= {"grouped, dilated or extended", "dilated", "partial windows"}
# Its prelu broadcasts the slope to the input, never the input; it scatters at int32 only.
WEBNN_NEVER_BOTH_WAYS = {("prelu", "broadcast"), ("scatter_nd", "at uint32")}
# The specification has no running products.
WEBNN_NEVER_BOTH_WAYS |= {("cumulative_prod", "with the initial value")}
# Cases of composed operators that need something which it lacks.
WEBNN_NEVER |= {"beyond LiteRT"}
# It takes indices that are constants of the graph only, and these are data.
WEBNN_NEVER_ANY = {"gather_elements", "scatter_elements"}
_NAN = "XNNPACK's kernel does not carry NaN through"
_LOG_OF_INFINITY = "XNNPACK's logarithm of infinity is 88.4"
_SQRT_OF_INFINITY = "XNNPACK's square root of infinity is NaN"
_SQRT = "XNNPACK computes the square root within 2 ULP, where W3C's tests allow 1"
_SOFTPLUS = "LiteRT loses exp(x) beside 1 for negative operands, and overflows"
_GELU = "LiteRT loses relative accuracy for negative operands, as 1 + erf(x) cancels"
_HARD_SWISH = "LiteRT loses relative accuracy near -3"
_TIES = "LiteRT takes another one of two equally near elements"
_COORDINATES = "LiteRT rounds coordinates to float32"
_INTEGER_POWER = "LiteRT's integer powers neither wrap around nor end at 0"
_TURNS = "LiteRT's sines lose their digits where angles have many turns"
# Likewise: (operator, label) → why a result is known to differ from the reference.
WEBNN_QUIRKS = {
    ("conv2d", "special"): _NAN,
    ("conv_transpose2d", "special"): _NAN,
    ("max_pool2d", "special"): _NAN,
    ("average_pool2d", "special"): "XNNPACK clamps pooling's results, NaN among them",
    ("exp", "special"): _NAN,
    ("log", "special"): _LOG_OF_INFINITY,
    ("maximum", "special"): _NAN,
    ("minimum", "special"): _NAN,
    ("argmax", "special"): _NAN,
    ("argmin", "special"): _NAN,
    ("max", "special"): _NAN,
    ("min", "special"): _NAN,
    ("sqrt", "random"): _SQRT,
    ("sqrt", "transposed"): _SQRT,
    ("sqrt", "special"): _SQRT_OF_INFINITY,
    ("sin", "endless turns"): _TURNS,
    ("cos", "endless turns"): _TURNS,
    ("tan", "endless turns"): _TURNS,
    ("exp", "whole range"): "LiteRT's exp is beyond 32 ULP near the ends of its range",
    ("log", "tiny and huge"): "W3C's tests allow an absolute error of 1/1024",
    ("log", "near one"): "W3C's tests allow an absolute error of 1/1024",
    ("erf", "near zero"): "W3C's tests allow an absolute error of 1/1024",
    ("erf", "strict"): "W3C's tests allow an absolute error of 1/1024",
    ("elu", "random"): "LiteRT's elu is beyond W3C's 18 ULP here and there",
    ("selu", "random"): "LiteRT's elu is beyond W3C's 18 ULP here and there",
    ("gelu", "random"): _GELU,
    ("gelu", "transposed"): _GELU,
    ("gelu", "whole range"): _GELU,
    ("hard_swish", "random"): _HARD_SWISH,
    ("hard_swish", "transposed"): _HARD_SWISH,
    ("hard_swish", "whole range"): _HARD_SWISH,
    ("softplus", "random"): _SOFTPLUS,
    ("softplus", "transposed"): _SOFTPLUS,
    ("softplus", "special"): _SOFTPLUS,
    ("softplus", "whole range"): _SOFTPLUS,
    ("softplus with beta", "random"): _SOFTPLUS,
    ("logsigmoid", "random"): _SOFTPLUS,
    ("scatter_nd", "many for one place"): "LiteRT adds up what is meant for one place",
    ("ops: reduce_log_sum_exp", "far from zero"): _LOG_OF_INFINITY,
    ("l2_pool2d", "special"): "XNNPACK's squares of infinities are NaN",
    ("resample2d", "special"): _TIES,
    ("resample2d", "large"): _COORDINATES,
    ("pow", "integers"): _INTEGER_POWER,
    ("pow", "limits"): _INTEGER_POWER,
}
_IN_FLOAT16 = {
    ("l2_pool2d", "special"): _NAN,
    ("resample2d", "special"): _TIES,
    ("exp", "special"): _NAN,
    ("log", "special"): _LOG_OF_INFINITY,
    ("maximum", "special"): _NAN,
    ("maximum", "edges"): _NAN,
    ("minimum", "special"): _NAN,
    ("max", "special"): _NAN,
    ("min", "special"): _NAN,
    ("sqrt", "special"): _SQRT_OF_INFINITY,
    ("sqrt", "edges"): _SQRT_OF_INFINITY,
    ("softplus", "special"): _SOFTPLUS,
    ("argmax", "special"): _NAN,
    ("argmin", "special"): _NAN,
    ("conv2d", "special"): _NAN,
    ("conv_transpose2d", "special"): _NAN,
    ("max_pool2d", "special"): _NAN,
    ("average_pool2d", "special"): _NAN,
}
WEBNN_QUIRKS.update({(name, f"{at} in float16"): why for (name, at), why in _IN_FLOAT16.items()})
