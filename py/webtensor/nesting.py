"""Lists, tuples (named ones too) and dicts of values: taken apart, and put together again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def is_named_tuple(kind: type) -> bool:
    """Whether `kind` was made by `typing.NamedTuple` or `collections.namedtuple`."""
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def map_leaves(function: Callable[[Any], Any], value: Any) -> Any:
    """`value` with `function` applied to whatever in it is no list, tuple or dict."""
    kind = type(value)
    if kind is list or kind is tuple:
        return kind([map_leaves(function, one) for one in value])
    if is_named_tuple(kind):
        return kind(*(map_leaves(function, one) for one in value))
    if kind is dict:
        return {key: map_leaves(function, one) for key, one in value.items()}
    return function(value)
