"""`webtensor.ops` has the operators of the specification, and refuses what its builder refuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from tests.cases import CASES, ops, ops_movement
from webtensor.errors import DtypeError, OptionError, ShapeError
from webtensor.ops.checks import converted

# The methods of MLGraphBuilder that make operators, in the editor's draft of 27 June 2026.
SPECIFIED = re.findall(
    r"\w+",
    """
    argMin argMax batchNormalization cast clamp concat conv2d convTranspose2d cumulativeSum
    add sub mul div max min pow
    equal notEqual greater greaterOrEqual lesser lesserOrEqual
    logicalNot logicalAnd logicalOr logicalXor isNaN isInfinite
    abs ceil cos erf exp floor identity log neg reciprocal roundEven sin sign sqrt tan
    dequantizeLinear quantizeLinear elu expand gather gatherElements gatherND gelu gemm
    gru gruCell hardSigmoid hardSwish instanceNormalization layerNormalization leakyRelu linear
    lstm lstmCell matmul pad averagePool2d l2Pool2d maxPool2d prelu
    reduceL1 reduceL2 reduceLogSum reduceLogSumExp reduceMax reduceMean reduceMin reduceProduct
    reduceSum reduceSumSquare relu resample2d reshape reverse scatterElements scatterND sigmoid
    slice softmax softplus softsign split tanh tile transpose triangular where
""",
)
_ACRONYMS = {"isNaN": "is_nan", "gatherND": "gather_nd", "scatterND": "scatter_nd"}


def _snake_case(method: str) -> str:
    return _ACRONYMS.get(method) or re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", method).lower()


def _covered() -> set[str]:
    """What cases call, of their own or in one of the tables."""
    tables = [one for one in vars(ops).values() if isinstance(one, dict)]
    moved = {name for name, _, _ in ops_movement.MOVED}
    named = {re.split("[,: ]+", case.operator.removeprefix("ops: "))[0] for case in CASES}
    return named | {name for table in tables for name in table} | moved


def test_every_operator_of_the_specification_is_there_and_has_cases() -> None:
    names = {_snake_case(method): method for method in SPECIFIED}
    assert len(names) == 95
    assert set(wt.ops.__all__) == set(names)
    assert len(set(wt.ops.__all__)) == len(wt.ops.__all__)
    covered = _covered()
    for name in wt.ops.__all__:
        document = getattr(wt.ops, name).__doc__
        assert document.endswith(f"Source: W3C Web Neural Network API, `{names[name]}`."), name
        assert name in covered, f"{name} has no cases"


F = wt.asarray(np.ones((2, 3, 4, 5), np.float32))
M = wt.asarray(np.ones((4, 6), np.float32))
I = wt.asarray(np.ones((4, 6), np.int32))  # noqa: E741
U = wt.asarray(np.ones((4, 6), np.uint8))
V = wt.asarray(np.ones((3,), np.float32))
H = wt.asarray(np.ones((4, 6), np.float16))
B = wt.asarray(np.ones((4, 6), np.bool_))
W = wt.asarray(np.ones((6, 3, 2, 2), np.float32))
GRU = [wt.asarray(np.ones(one, np.float32)) for one in ((5, 2, 3), (1, 12, 3), (1, 12, 4))]
LSTM = [wt.asarray(np.ones(one, np.float32)) for one in ((5, 2, 3), (1, 16, 3), (1, 16, 4))]
STATE = wt.asarray(np.ones((2, 4), np.float32))

Call = Callable[[Any], Any]
# What the specification's steps answer with a TypeError.
REFUSED: tuple[tuple[type[Exception], str, Call], ...] = (
    (DtypeError, "takes tensors", lambda o: o.relu(1.0)),
    (DtypeError, "takes float32, float16 here, not int32", lambda o: o.exp(I)),
    (DtypeError, "not uint8", lambda o: o.neg(U)),
    (DtypeError, "not bool", lambda o: o.add(B, B)),
    (DtypeError, "one dtype", lambda o: o.add(M, I)),
    (DtypeError, "one dtype", lambda o: o.equal(M, H)),
    (DtypeError, "takes uint8, bool", lambda o: o.logical_and(M, M)),
    (DtypeError, "takes uint8, bool", lambda o: o.where(M, M, M)),
    (DtypeError, "one dtype", lambda o: o.where(U, M, I)),
    (DtypeError, "not int32", lambda o: o.is_nan(I)),
    (ShapeError, "broadcast", lambda o: o.sub(M, V)),
    (DtypeError, "data_type is one of", lambda o: o.cast(M, "float64")),
    (OptionError, "above", lambda o: o.clamp(M, min_value=2, max_value=1)),
    (DtypeError, "real number", lambda o: o.elu(M, alpha="1")),
    (ShapeError, "axis 2", lambda o: o.arg_max(M, 2)),
    (OptionError, "from 0 on", lambda o: o.arg_max(M, -1)),
    (DtypeError, "int32, int64", lambda o: o.arg_min(M, 0, output_data_type="uint32")),
    (ShapeError, "distinct", lambda o: o.reduce_sum(M, axes=[0, 0])),
    (ShapeError, "distinct", lambda o: o.reduce_max(M, axes=[2])),
    (DtypeError, "not uint8", lambda o: o.reduce_sum(U)),
    (DtypeError, "not int32", lambda o: o.reduce_mean(I)),
    (ShapeError, "axis 4", lambda o: o.batch_normalization(F, V, V, axis=4)),
    (ShapeError, "shape", lambda o: o.batch_normalization(F, V, V, axis=2)),
    (DtypeError, "float32", lambda o: o.batch_normalization(F, V, V, scale=I)),
    (ShapeError, "axes", lambda o: o.instance_normalization(M)),
    (ShapeError, "shape", lambda o: o.instance_normalization(F, scale=V, layout="nhwc")),
    (OptionError, "layout", lambda o: o.instance_normalization(F, layout="nchW")),
    (ShapeError, "shape", lambda o: o.layer_normalization(F, axes=[1, 2], bias=V)),
    (ShapeError, "distinct", lambda o: o.layer_normalization(F, axes=[4])),
    (OptionError, "from 0 on", lambda o: o.softmax(M, -1)),
    (OptionError, "tensors", lambda o: o.concat([], 0)),
    (DtypeError, "a sequence", lambda o: o.concat(M, 0)),
    (DtypeError, "one dtype", lambda o: o.concat([M, I], 0)),
    (ShapeError, "differ", lambda o: o.concat([M, F], 0)),
    (ShapeError, "axis 2", lambda o: o.concat([M, M], 2)),
    (ShapeError, "broadcast", lambda o: o.expand(M, [4, 7])),
    (DtypeError, "int32, uint32, int64", lambda o: o.gather(M, M)),
    (ShapeError, "axis", lambda o: o.gather(M, I, axis=2)),
    (ShapeError, "axes", lambda o: o.gather_elements(F, I)),
    (ShapeError, "differ", lambda o: o.gather_elements(M, o.slice(I, [0, 0], [4, 5]))),
    (ShapeError, "updates", lambda o: o.scatter_elements(M, I, o.slice(M, [0, 0], [3, 6]))),
    (DtypeError, "one dtype", lambda o: o.scatter_elements(M, I, H)),
    (OptionError, "has 2 items", lambda o: o.pad(M, [1], [1])),
    (ShapeError, "at least", lambda o: o.pad(M, [4, 0], [0, 0], mode="reflection")),
    (OptionError, "mode", lambda o: o.pad(M, [1, 0], [0, 0], mode="symmetric")),
    (OptionError, "from 0 on", lambda o: o.pad(M, [-1, 0], [0, 0])),
    (ShapeError, "elements", lambda o: o.reshape(M, [5, 5])),
    (OptionError, "from 1 on", lambda o: o.reshape(M, [-1, 6])),
    (ShapeError, "distinct", lambda o: o.reverse(M, axes=[2])),
    (ShapeError, "reach out", lambda o: o.slice(M, [2, 0], [3, 6])),
    (OptionError, "from 1 on", lambda o: o.slice(M, [2, 0], [0, 6])),
    (OptionError, "from 1 on", lambda o: o.slice(M, [0, 0], [1, 1], strides=[1, 0])),
    (ShapeError, "equal parts", lambda o: o.split(M, 3)),
    (ShapeError, "make up", lambda o: o.split(M, [1, 2])),
    (OptionError, "from 1 on", lambda o: o.split(M, [4, 0])),
    (OptionError, "has 2 items", lambda o: o.tile(M, [2])),
    (OptionError, "from 1 on", lambda o: o.tile(M, [2, 0])),
    (ShapeError, "order", lambda o: o.transpose(M, permutation=[0])),
    (ShapeError, "distinct", lambda o: o.transpose(M, permutation=[0, 0])),
    (ShapeError, "at least 2", lambda o: o.triangular(V)),
    (DtypeError, "not int32", lambda o: o.matmul(I, I)),
    (ShapeError, "at least 2", lambda o: o.matmul(M, V)),
    (ShapeError, "fit", lambda o: o.matmul(M, M)),
    (ShapeError, "broadcast", lambda o: o.gemm(M, M, b_transpose=True, c=V)),
    (ShapeError, "axes", lambda o: o.gemm(F, M)),
    (OptionError, "has 4 items", lambda o: o.conv2d(F, W, padding=[1, 1])),
    (OptionError, "from 1 on", lambda o: o.conv2d(F, W, strides=[0, 1])),
    (OptionError, "from 1 on", lambda o: o.conv2d(F, W, groups=0)),
    (OptionError, "filter_layout", lambda o: o.conv2d(F, W, filter_layout="iohw")),
    (ShapeError, "channels", lambda o: o.conv2d(F, W, input_layout="nhwc")),
    (ShapeError, "does not fit", lambda o: o.conv2d(F, W, dilations=[4, 1])),
    (ShapeError, "shape", lambda o: o.conv2d(F, W, bias=V)),
    (ShapeError, "fewer than the strides", lambda o: _spread(o, output_padding=[1, 0])),
    (ShapeError, "fewer than the strides", lambda o: _spread(o, output_sizes=[4, 6])),
    (OptionError, "window_dimensions", lambda o: o.max_pool2d(F, window_dimensions=[0, 1])),
    (ShapeError, "does not fit", lambda o: o.max_pool2d(F, window_dimensions=[5, 1])),
    (ShapeError, "output_sizes", lambda o: o.l2_pool2d(F, output_sizes=[2, 2])),
    (OptionError, "rounding", lambda o: o.l2_pool2d(F, output_shape_rounding="up")),
    (DtypeError, "not int32", lambda o: o.average_pool2d(o.cast(F, "int32"))),
    (OptionError, "scales", lambda o: o.resample2d(F, scales=[1.0])),
    (OptionError, "scales", lambda o: o.resample2d(F, scales=[0.0, 1.0])),
    (OptionError, "from 1 on", lambda o: o.resample2d(F, sizes=[0, 1])),
    (ShapeError, "distinct", lambda o: o.resample2d(F, axes=[2, 2])),
    (OptionError, "mode", lambda o: o.resample2d(F, mode="cubic")),
    (DtypeError, "not int32", lambda o: o.resample2d(o.cast(F, "int32"))),
    (DtypeError, "not float32", lambda o: o.dequantize_linear(M, M, M)),
    (DtypeError, "one dtype", lambda o: o.dequantize_linear(U, M, I)),
    (ShapeError, "one shape", lambda o: o.quantize_linear(M, M, o.slice(U, [0, 0], [1, 6]))),
    (ShapeError, "divide", lambda o: o.quantize_linear(*_of_blocks(o, 3))),
    (ShapeError, "as many axes", lambda o: o.quantize_linear(M, V, o.cast(V, "uint8"))),
    (ShapeError, "steps", lambda o: o.gru(*GRU, 4, 4)),
    (ShapeError, "(1, 9, 3)", lambda o: o.gru(*GRU, 5, 3)),
    (OptionError, "activations", lambda o: o.gru(*GRU, 5, 4, activations=["relu"])),
    (OptionError, "activations", lambda o: o.gru(*GRU, 5, 4, activations=["relu", "gelu"])),
    (OptionError, "direction", lambda o: o.gru(*GRU, 5, 4, direction="up")),
    (OptionError, "layout", lambda o: o.gru(*GRU, 5, 4, layout="nzr")),
    (ShapeError, "(2, 12, 3)", lambda o: o.gru(*GRU, 5, 4, direction="both")),
    (ShapeError, "shape", lambda o: o.lstm(*LSTM, 5, 4, peephole_weight=LSTM[1])),
    (OptionError, "hidden_size", lambda o: o.lstm(*LSTM, 5, 0)),
    (ShapeError, "(12, 4)", lambda o: o.gru_cell(STATE, GRU[1], GRU[2], STATE, 4)),
    (ShapeError, "axes", lambda o: o.lstm_cell(LSTM[0], LSTM[1], LSTM[2], STATE, STATE, 4)),
)


def _spread(o: Any, **options: Any) -> Any:
    return o.conv_transpose2d(F, o.reshape(W, [3, 2, 2, 6]), **options)


def _of_blocks(o: Any, rows: int) -> tuple[Any, Any, Any]:
    return M, o.slice(M, [0, 0], [rows, 6]), o.slice(U, [0, 0], [rows, 6])


@pytest.mark.parametrize(("error", "words", "call"), REFUSED, ids=range(len(REFUSED)))
def test_what_the_builder_refuses_raises_at_once(
    error: type[Exception], words: str, call: Call
) -> None:
    with pytest.raises(error, match=re.escape(words)):
        call(wt.ops)


def test_errors_begin_with_the_label() -> None:
    with pytest.raises(ShapeError, match=r"^'third layer': softmax: axis 9"):
        wt.ops.softmax(M, 9, label="third layer")
    with pytest.raises(ShapeError, match=r"^softmax"):
        wt.ops.softmax(M, 9)
    assert wt.ops.relu(M, label="a relu").shape == M.shape


def test_numbers_are_converted_as_the_specification_does() -> None:
    convert = lambda value, dtype: converted("test", "value", value, dtype)  # noqa: E731
    assert convert(0.1, wt.float16) == float(np.float16(0.1))
    assert convert(0.1, wt.float32) == float(np.float32(0.1))
    assert (convert(1e9, wt.float16), convert(-1e39, wt.float32)) == (float("inf"), -float("inf"))
    assert [convert(one, wt.uint8) for one in (-3, 300, 2.5, 3.5, float("nan"))] == [
        0,
        255,
        2,
        4,
        0,
    ]
    assert [convert(one, wt.int32) for one in (1e20, -float("inf"))] == [2**31 - 1, -(2**31)]


def test_defaults_of_shapes() -> None:
    assert wt.ops.conv2d(F, W).shape == (2, 6, 3, 4)
    assert wt.ops.average_pool2d(F).shape == (2, 3, 1, 1)
    assert wt.ops.resample2d(F).shape == F.shape
    assert wt.ops.transpose(F).shape == (5, 4, 3, 2)
    assert wt.ops.reduce_sum(F).shape == ()
    assert [one.shape for one in wt.ops.split(M, 2, axis=1)] == [(4, 3), (4, 3)]
    assert [one.shape for one in wt.ops.gru(*GRU, 5, 4)] == [(1, 2, 4)]
    assert [one.shape for one in wt.ops.lstm(*LSTM, 5, 4, return_sequence=True)] == [
        (1, 2, 4),
        (1, 2, 4),
        (5, 1, 2, 4),
    ]
    assert wt.ops.greater(M, M).dtype == wt.uint8
    assert wt.ops.arg_max(M, 1).dtype == wt.int32
    assert wt.ops.where(B, M, M).dtype == wt.float32
    assert wt.ops.logical_not(B).dtype == wt.uint8
    assert wt.ops.cast(B, wt.int8).dtype == wt.int8


def test_wide_integers_on_the_cpu() -> None:
    """The specification has 64-bit integers; NumPy does, too."""
    values = np.array([[2**40, -7], [5, 2**33]])
    x = wt.asarray(values, device="cpu")
    at = wt.asarray(np.array([[1, -5]]), device="cpu")
    for tensor, wanted in (
        (wt.ops.reduce_sum(x, axes=[0]), values.sum(0)),
        (wt.ops.div(x, wt.ops.neg(x)), -np.ones((2, 2), np.int64)),
        (wt.ops.gather(x, at), values[[[1, 0]]]),
        (
            wt.ops.scatter_elements(x, at, wt.ops.slice(x, [0, 0], [1, 2])),
            [[2**40, -7], [2**40, 2**33]],
        ),
        (wt.ops.arg_max(x, 0, output_data_type="int64"), [0, 1]),
    ):
        found = asyncio.run(tensor.numpy())
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, wanted)
