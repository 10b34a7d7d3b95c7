fn equal_bool(x: $value, y: $value) -> $condition {
    return x == y;
}
