"""The graph and its passes, with no device."""

from __future__ import annotations

import gc

import pytest

import webtensor as wt
from webtensor.backends.base import Graph
from webtensor.graph import node as nodes
from webtensor.graph.fuse import MAX_BODY, MAX_READS, Group, fuse
from webtensor.graph.plan import plan_temporaries
from webtensor.graph.simplify import simplify
from webtensor.graph.views import View


def tensor(*shape: int) -> wt.Tensor:
    return wt.asarray(memoryview(bytes(4 * max(wt.zeros(shape).size, 0))).cast("f")).reshape(shape)


def groups(*tensors: wt.Tensor) -> list[str]:
    outputs = simplify([one._node for one in tensors])
    return ["→".join(node.kind for node in group.body) or "copy" for group in fuse(outputs)]


def test_equal_nodes_are_one_node() -> None:
    x, y = tensor(3, 4), tensor(3, 4)
    assert (x + y)._node is (x + y)._node
    assert (x + y)._node is not (y + x)._node
    assert (x * 0.0)._node is not (x * -0.0)._node
    assert (x * float("nan"))._node is (x * float("nan"))._node


def test_interning_keeps_nothing_alive() -> None:
    before = len(nodes._interned)
    x = tensor(3)
    y = wt.exp(x) + 1.5
    assert len(nodes._interned) > before
    del x, y
    gc.collect()
    assert len(nodes._interned) <= before


def test_views_without_effect_disappear() -> None:
    x = tensor(3, 4)
    assert simplify([x.mT.mT._node]) == [x._node]
    assert simplify([x.reshape(12).reshape(3, 4)._node]) == [x._node]
    assert simplify([wt.broadcast_to(x, (3, 4)).astype("float32")._node]) == [x._node]


def test_an_elementwise_chain_is_one_kernel() -> None:
    x = tensor(3, 4)
    assert groups(wt.exp(x * 2 + 1) / x) == ["multiply→add→exp→divide"]
    assert groups(wt.nn.relu(x.mT)) == ["maximum"]


def test_a_value_used_twice_is_computed_once() -> None:
    x = tensor(3, 4)
    y = wt.exp(x)
    assert groups(y + wt.sum(y)) == ["exp", "sum", "add"]
    assert groups(y * y) == ["exp→multiply"]
    assert groups(y * (y + 1)) == ["exp→add→multiply"]


def test_a_kernel_takes_in_what_stands_before_and_after_it() -> None:
    x, weight, bias = tensor(6, 4), tensor(4, 8), tensor(8)
    assert groups(wt.nn.relu(x @ weight + bias)) == ["matmul→add→maximum"]
    assert groups(wt.nn.softmax(x * 0.125)) == ["multiply→softmax"]
    assert groups(wt.nn.layer_norm(x, 4, tensor(4), tensor(4))) == [
        "layer_normalization→multiply→add"
    ]
    assert groups(wt.sqrt(wt.sum(x * x, axis=1))) == ["multiply→sum→sqrt"]
    assert groups((x @ weight).reshape(2, 3, 8) + bias) == ["matmul→reshape→add"]
    assert groups(x.astype("int8").astype("float32") @ weight) == ["cast→cast→matmul"]


def test_a_kernel_has_one_anchor_and_leaves_what_others_use() -> None:
    x = tensor(4, 4)
    assert groups((x @ x) @ x) == ["matmul", "matmul"]
    assert groups(x @ x + x @ x.mT) == ["matmul", "matmul→add"]
    y = x @ x
    assert groups(wt.exp(y), y) == ["exp", "matmul"] or groups(wt.exp(y), y) == ["matmul", "exp"]
    assert groups(wt.exp(y).mT + 1) == ["matmul→exp", "add"], "a transpose is another index"
    assert groups(wt.sum(x, axis=1) + x) == ["sum", "add"], "a broadcast is another index"
    assert groups(wt.sum(x) > 0) == ["sum", "greater"], "bytes are stored four together"


def test_a_value_on_both_sides_of_an_anchor_is_computed_once() -> None:
    x = tensor(4, 4)
    y = x * 2
    assert groups(wt.nn.softmax(y) + y) == ["multiply", "softmax→add"]
    assert groups(y @ y) == ["multiply", "matmul"]
    gelu = wt.sum(x, axis=0)
    assert groups(gelu * wt.nn.sigmoid(gelu))[-1].startswith("sum"), "all users are in the group"


def test_what_a_group_reads_is_stored() -> None:
    x = tensor(3, 4)
    flat = wt.exp(x).reshape(12)
    for outputs in ([flat], [flat, wt.sqrt(flat)], [wt.sqrt(flat), flat[2:]]):
        made = fuse(simplify([one._node for one in outputs]))
        stored = [group.output for group in made]
        for group in made:
            assert all(one.node.is_leaf or one.node in stored for one in group.reads.values())
    assert groups(flat) == ["exp→reshape"]


def test_chains_know_what_they_read() -> None:
    x, weight, bias = (wt.asarray([[1.0, 2.0]]) for _ in range(3))
    (group,) = fuse([((x + 1) @ weight.mT + bias[:, :1])._node])
    assert isinstance(group, Group)
    assert [chain.output.kind for chain in group.prologues] == ["add", "permute_dims"]
    assert [read.node for read in group.prologues[0].reads.values()] == [x._node]
    assert [read.view.strides for read in group.prologues[1].reads.values()] == [(1, 2)]
    assert [read.node for read in group.epilogue.reads.values()] == [bias._node]


def test_kernels_stay_within_the_bindings_that_webgpu_guarantees() -> None:
    total = tensor(2)
    for _ in range(20):
        total = total + tensor(2)
    for group in fuse([total._node]):
        assert len(group.reads) <= MAX_READS
    chain = tensor(2)
    for _ in range(200):
        chain = wt.tanh(chain)
    assert max(len(group.body) for group in fuse([chain._node])) == MAX_BODY


def test_a_reshape_that_no_strides_describe_copies_first() -> None:
    x = tensor(3, 4)
    assert groups(wt.exp(x.mT.reshape(12))) == ["copy", "exp"]
    assert groups(wt.exp(x.reshape(2, 6).mT)) == ["exp"]


def test_views_know_their_strides() -> None:
    view = View.of((2, 3, 4))
    assert view.strides == (12, 4, 1)
    assert view.permuted((2, 0, 1)) == View((4, 2, 3), (1, 12, 4))
    assert View.of((3, 1)).expanded((2, 3, 5)) == View((2, 3, 5), (0, 1, 0))
    assert view.permuted((1, 0, 2)).reshaped((6, 4)) is None
    assert view.permuted((1, 0, 2)).reshaped((3, 1, 2, 4)) == View((3, 1, 2, 4), (4, 0, 12, 1))
    assert View((1, 5), (99, 1)).contiguous


def test_graph_keys_tell_structures_apart() -> None:
    x, y = tensor(3), tensor(3)

    def key(*tensors: wt.Tensor) -> object:
        return Graph.of([one._node for one in tensors]).key()

    assert key(x + y) == key(y + x), "the same structure over other inputs"
    assert key(x + y) != key(x - y)
    assert key(x + x) != key(x + y)
    assert key(x + 1.0) != key(x + 2.0)
    assert key(x * 0.0) != key(x * -0.0)
    assert key(x + float("nan")) == key(y + float("nan"))
    for value, other in ((0.0, -0.0), (float("nan"), 1.0)):
        padded = (wt.nn.pad(x, (1, 1), value=one) for one in (value, other))
        assert key(next(padded)) != key(next(padded))
    assert wt.nn.pad(x, (1, 1))._node is wt.nn.pad(x, (1, 1))._node
    assert key(wt.exp(x), wt.sum(x)) != key(wt.sum(x), wt.exp(x))


def test_temporaries_share_slots_only_when_they_do_not_meet() -> None:
    steps = [("a", ["in"]), ("b", ["a"]), ("c", ["b"]), ("d", ["c", "a"]), ("out", ["d"])]
    plan = plan_temporaries(steps, dict.fromkeys("abcd", 100))
    alive = {"a": (0, 3), "b": (1, 2), "c": (2, 3), "d": (3, 4)}
    for one, (begin, end) in alive.items():
        for other, (start, stop) in alive.items():
            if one != other and begin <= stop and start <= end:
                assert plan.slot[one] != plan.slot[other], (one, other)
    assert plan.peak_bytes == 300


def test_slots_grow_to_what_they_hold() -> None:
    plan = plan_temporaries([("a", []), ("b", ["a"]), ("c", ["b"])], {"a": 10, "b": 20, "c": 50})
    assert plan.slot["a"] == plan.slot["c"] != plan.slot["b"]
    assert sorted(plan.sizes) == [20, 50]


def test_explain_names_kernels_and_bytes() -> None:
    x = wt.asarray([[1.0, 2.0], [3.0, 4.0]], device="webgpu")
    text = wt.explain(wt.nn.softmax(x @ x.mT))
    assert text.startswith("3 operator(s) in 2 kernel(s) on webgpu")
    assert "matmul: float32[2, 2], float32[2, 2] strided → float32[2, 2]" in text
    assert "bytes read and written" in text


@pytest.mark.parametrize(("m", "n", "k"), [(64, 64, 64), (7, 5, 13), (1, 1, 1)])
def test_matmul_wgsl_shows_the_kernel(m: int, n: int, k: int) -> None:
    source = wt.matmul_wgsl(m, n, k)
    assert f"const M = {m}u;" in source
    assert "@compute" in source
    assert "$" not in source
    assert "#for" not in source
