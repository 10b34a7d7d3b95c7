"""What the WebNN of the test shell does not take or computes differently, exactly: a browser that
mends one makes the tests fail, so that the lists are kept."""

from __future__ import annotations

# What LiteRT, which runs WebNN in the test shell, does not take. A browser that does makes the
# test fail, so that the list is kept.
_COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
WEBNN_LACKS = {
    "uint32": {
        "negative",
        "add",
        "subtract",
        "maximum",
        "minimum",
        "sum",
        "prod",
        "max",
        "min",
        *_COMPARISONS,
    },
    "int32": {"matmul"},
    "int8": {"negative", "abs", "add", "subtract", "multiply", *_COMPARISONS},
    "uint8": {"negative", "add", "subtract", "multiply", "where", *_COMPARISONS},
    "bool": {"equal", "not_equal", "where"},
}
# What WebNN's specification has no form for: tensors without elements, slices backward.
WEBNN_NEVER = {"empty", "backward", "of a slice"}
_NAN = "XNNPACK's kernel does not carry NaN through"
_SQRT = "XNNPACK computes the square root within 2 ULP, where W3C's tests allow 1"
# Likewise: (operator, label) → why a result is known to differ from the reference.
WEBNN_QUIRKS = {
    ("exp", "special"): _NAN,
    ("log", "special"): "XNNPACK's logarithm of infinity is 88.4",
    ("maximum", "special"): _NAN,
    ("minimum", "special"): _NAN,
    ("max", "special"): _NAN,
    ("min", "special"): _NAN,
    ("sqrt", "random"): _SQRT,
    ("sqrt", "transposed"): _SQRT,
    ("sqrt", "special"): "XNNPACK's square root of infinity is NaN",
}
