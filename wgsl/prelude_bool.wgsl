fn equal_$type(x: $value, y: $value) -> $condition {
    return x == y;
}
