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

fn subtract_$type(x: $value, y: $value) -> $value {
    return x - y;
}

fn sign_$type(x: $value) -> $value {
    return select($value(), $value(1), x > $value()) - select($value(), $value(1), x < $value());
}

// By zero 0, as NumPy gives; towards minus infinity, where WGSL cuts towards zero.
fn floor_divide_$type(x: $value, y: $value) -> $value {
    let zero = y == $value();
    let divisor = select(y, $value(1), zero);
    let opposite = (x < $value()) != (divisor < $value());
    let down = opposite & (x % divisor != $value());
    return select(x / divisor - select($value(), $value(1), down), $value(), zero);
}

// The divisor's sign; 0 where that is zero.
fn remainder_$type(x: $value, y: $value) -> $value {
    let zero = y == $value();
    let divisor = select(y, $value(1), zero);
    let rest = x % divisor;
    let opposite = (rest != $value()) & ((rest < $value()) != (divisor < $value()));
    return select(select(rest, rest + divisor, opposite), $value(), zero);
}

// Shifts beyond the last bit, which WGSL takes modulo 32; a negative distance counts as one.
fn left_shift_$type(x: $value, y: $value) -> $value {
    let distance = $bits(y);
    return select($value(), x << (distance & $bits(31u)), distance < $bits(32u));
}

fn right_shift_$type(x: $value, y: $value) -> $value {
    let beyond = select($bits(), $bits(1u), $bits(y) > $bits(31u));
    return (x >> min($bits(y), $bits(31u))) >> beyond;
}

// By squaring, modulo 2³²; 0 for a negative exponent.
fn power_$type(base: $value, exponent: $value) -> $value {
    var result = $value(1);
    var square = base;
    var rest = select(exponent, $value(), exponent < $value());
    for (var bit = 0; bit < 32; bit++) {
        result *= select($value(1), square, (rest & $value(1)) != $value());
        square *= square;
        rest = rest >> $bits(1u);
    }
    return select(result, $value(), exponent < $value());
}
