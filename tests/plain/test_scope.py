"""`with webtensor.scope():` what is freed, what stays, and what a freed tensor says."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def tensor(value: float, size: int = 1000) -> wt.Tensor:
    return wt.asarray(np.full(size, value, np.float32), device="cpu")


def live() -> int:
    return wt.memory()["cpu"]["live"]


def computed(value: float) -> wt.Tensor:
    result = tensor(value) * 2
    asyncio.run(wt.eval(result))
    return result


def test_what_was_made_inside_is_freed_while_variables_hold_it() -> None:
    outside = computed(1.0)
    before = live()
    with wt.scope() as scope:
        inside = computed(3.0)
        more = [inside + outside, wt.exp(inside)]
        asyncio.run(wt.eval(*more))
        kept = scope.keep(outside * 5)
        asyncio.run(wt.eval(kept))
        assert live() > before + 3 * 4000
    assert live() == before + 4000
    assert kept.tolist()[0] == 10.0
    assert outside.tolist()[0] == 2.0
    for freed in (inside, *more):
        with pytest.raises(errors.ScopeEndedError, match=r"float32\[1000\].*scope ended"):
            freed + 1
    del kept
    assert live() == before


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x.tolist(),
        lambda x: x.shape,
        lambda x: x.device,
        lambda x: wt.sum(x),
        lambda x: 1 + x,
        lambda x: x[0],
        lambda x: asyncio.run(x.numpy()),
        lambda x: asyncio.run(wt.eval(x)),
        lambda x: wt.compile(lambda y: y).run(x),
        lambda x: x.to_device("cpu"),
        lambda x: tensor(1.0) @ x,
    ],
)
def test_every_use_of_a_freed_tensor_says_so(use: object) -> None:
    with wt.scope():
        freed = tensor(1.0)
    assert callable(use)
    with pytest.raises(errors.ScopeEndedError, match="keep"):
        use(freed)
    assert "freed: its scope ended" in repr(freed)


def test_a_kept_tensor_that_is_not_computed_has_what_it_needs() -> None:
    with wt.scope() as scope:
        x = tensor(2.0)
        hidden = wt.exp(x)
        y = scope.keep(hidden + x)
    with pytest.raises(errors.ScopeEndedError):
        hidden.tolist()
    assert y.tolist()[0] == pytest.approx(np.exp(2.0) + 2, rel=1e-6)


def test_equal_expressions_inside_and_outside_are_apart() -> None:
    """Equal nodes are one node: freeing the tensor inside must not touch the one outside."""
    x = tensor(2.0)
    outside = x + 1
    with wt.scope():
        inside = x + 1
        assert inside.tolist() == outside.tolist()
    assert outside.tolist()[0] == 3.0
    with pytest.raises(errors.ScopeEndedError):
        inside.tolist()


def test_scopes_nest() -> None:
    before = live()
    with wt.scope() as outer:
        with wt.scope() as inner:
            to_outer = inner.keep({"a": [computed(1.0)], "b": (computed(2.0),)})
            dropped = computed(3.0)
        assert to_outer["a"][0].tolist()[0] == 2.0
        with pytest.raises(errors.ScopeEndedError):
            dropped.tolist()
        stays = outer.keep(to_outer["b"][0])
    with pytest.raises(errors.ScopeEndedError):
        to_outer["a"][0].tolist()
    assert stays.tolist()[0] == 4.0
    assert live() == before + 4000


def test_an_exception_frees_too() -> None:
    before = live()
    caught = None
    try:
        with wt.scope():
            held = computed(1.0)
            raise KeyError("of the program")
    except KeyError as error:
        caught = error
    assert caught is not None, "its traceback holds the frame, and the frame the tensor"
    assert live() == before
    with pytest.raises(errors.ScopeEndedError):
        held.tolist()


def test_keep_refuses_what_it_cannot_keep() -> None:
    with wt.scope() as scope:
        with wt.scope():
            freed = tensor(1.0)
        with pytest.raises(errors.ScopeEndedError):
            scope.keep(freed)
        with pytest.raises(errors.DtypeError, match="not float"):
            scope.keep([1.0])  # type: ignore[list-item]
        outside = tensor(1.0)
    with pytest.raises(errors.ScopeEndedError):
        scope.keep(outside)


def test_concurrent_tasks_do_not_mix() -> None:
    async def scoped(inside: asyncio.Event, go_on: asyncio.Event) -> wt.Tensor:
        with wt.scope():
            mine = tensor(1.0)
            inside.set()
            await go_on.wait()
            assert mine.tolist()[0] == 1.0
        return mine

    async def late(go_on: asyncio.Event) -> wt.Tensor:
        await go_on.wait()
        return tensor(7.0)

    async def both() -> tuple[wt.Tensor, wt.Tensor, wt.Tensor]:
        inside, go_on, after = asyncio.Event(), asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(scoped(inside, go_on))
        await inside.wait()
        other = tensor(5.0)
        with wt.scope():
            child = asyncio.create_task(late(after))
            await asyncio.sleep(0)
        after.set()
        orphan = await child
        go_on.set()
        return await first, other, orphan

    mine, other, orphan = asyncio.run(both())
    with pytest.raises(errors.ScopeEndedError):
        mine.tolist()
    assert other.tolist()[0] == 5.0
    assert orphan.tolist()[0] == 7.0, "made by a child task after the scope had ended"


def test_a_capture_inside_a_scope_outlives_it() -> None:
    weight = tensor(3.0)
    step = wt.compile(lambda x: x * weight + wt.asarray([2.0], device="cpu"))
    with wt.scope() as scope:
        freed = step.run(tensor(1.0))
        kept = scope.keep(step.run(tensor(2.0)))
    assert kept.tolist()[0] == 8.0
    assert step.run(tensor(4.0)).tolist()[0] == 14.0
    with pytest.raises(errors.ScopeEndedError):
        freed.tolist()


def test_a_scope_does_not_hold_what_nobody_holds() -> None:
    before = live()
    with wt.scope():
        for _ in range(10):
            computed(1.0)
            assert live() == before
