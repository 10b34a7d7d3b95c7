fn maximum_$type(x: $value, y: $value) -> $value {
    return max(x, y);
}

fn minimum_$type(x: $value, y: $value) -> $value {
    return min(x, y);
}

fn equal_$type(x: $value, y: $value) -> $condition {
    return x == y;
}

fn less_$type(x: $value, y: $value) -> $condition {
    return x < y;
}

fn less_equal_$type(x: $value, y: $value) -> $condition {
    return x <= y;
}

fn negative_$type(x: $value) -> $value {
    return $value() - x;
}
