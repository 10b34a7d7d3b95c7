"""Cases of views: operators that move no element."""

from __future__ import annotations

from collections.abc import Iterator

import webtensor as wt

from .case import Case, random
from .reductions import reducer


def cases() -> Iterator[Case]:
    values = random((4, 6, 5), "float32", -5, 5)
    yield Case(
        "reshape", "of a copy", (values,), lambda x: wt.reshape(x, (6, 20)), {"shape": (6, 20)}
    )
    yield Case(
        "reshape",
        "of a transpose",
        (random((7, 13), "float32", -5, 5),),
        lambda x: wt.reshape(x, (91,)),
        {"shape": (91,)},
        lambda x: x.T,
    )
    yield Case(
        "permute_dims",
        "three axes",
        (values,),
        lambda x: wt.permute_dims(x, (2, 0, 1)),
        {"axes": (2, 0, 1)},
    )
    for label, key, starts, sizes, steps in (
        ("rows", (slice(1, 3),), (1, 0, 0), (2, 6, 5), (1, 1, 1)),
        ("steps", (slice(None), slice(1, None, 2)), (0, 1, 0), (4, 3, 5), (1, 2, 1)),
        (
            "backward",
            (slice(None, None, -1), ..., slice(3, None, -2)),
            (3, 0, 3),
            (4, 6, 2),
            (-1, 1, -2),
        ),
        ("empty", (slice(2, 2),), (0, 0, 0), (0, 6, 5), (1, 1, 1)),
    ):
        options = {"starts": starts, "sizes": sizes, "steps": steps}
        yield Case("slice", label, (values,), lambda x, key=key: x[key], options)
    sliced = (random((5, 9), "float32", 0.1, 1.1), random((9, 12), "float32", 0.1, 1.2))
    yield Case(
        "matmul",
        "of slices",
        sliced,
        wt.matmul,
        view=lambda x: x[1:, 1:] if len(x) == 9 else x[:, :8],
    )
    yield Case(
        "sum",
        "of a slice",
        (random((7, 13), "float32", 0.5, 1.5),),
        reducer("sum", (1,), False),
        {"axes": (1,), "keepdims": False},
        lambda x: x[2:, ::-3],
    )
    yield Case(
        "exp",
        "of a forward slice",
        (random((7, 13), "float32", -5, 5),),
        wt.exp,
        view=lambda x: x[1::2, 3:],
    )
    yield Case(
        "broadcast_to",
        "new and single axes",
        (random((3, 1), "float32", -5, 5),),
        lambda x: wt.broadcast_to(x, (2, 3, 67)),
        {"shape": (2, 3, 67)},
    )
