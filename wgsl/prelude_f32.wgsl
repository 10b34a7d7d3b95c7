// Functions whose WGSL built-ins are looser than IEEE 754: a WGSL compiler may assume that there
// are no NaN and no infinities (WGSL, "Floating Point Evaluation"), so NaN is told by its bits.

fn is_nan_$type(x: $value) -> $condition {
    return (bitcast<$bits>(x) & $bits(0x7fffffffu)) > $bits(0x7f800000u);
}

fn is_infinite_$type(x: $value) -> $condition {
    return (bitcast<$bits>(x) & $bits(0x7fffffffu)) == $bits(0x7f800000u);
}

// NaN in either operand gives NaN, as NumPy's maximum does.
fn maximum_$type(x: $value, y: $value) -> $value {
    return select(select(max(x, y), y, is_nan_$type(y)), x, is_nan_$type(x));
}

fn minimum_$type(x: $value, y: $value) -> $value {
    return select(select(min(x, y), y, is_nan_$type(y)), x, is_nan_$type(x));
}

// Comparisons with NaN are false.
fn equal_$type(x: $value, y: $value) -> $condition {
    return (x == y) & !is_nan_$type(x) & !is_nan_$type(y);
}

fn less_$type(x: $value, y: $value) -> $condition {
    return (x < y) & !is_nan_$type(x) & !is_nan_$type(y);
}

fn less_equal_$type(x: $value, y: $value) -> $condition {
    return (x <= y) & !is_nan_$type(x) & !is_nan_$type(y);
}

fn negative_$type(x: $value) -> $value {
    return -x;
}

fn exp_$type(x: $value) -> $value {
    return select(exp(x), x, is_nan_$type(x));
}

// Drivers give a large number for log(0) and log of infinity.
fn log_$type(x: $value) -> $value {
    let infinity = $value(bitcast<f32>(inf_bits));
    let not_a_number = $value(bitcast<f32>(nan_bits));
    let ordinary = (x > $value()) & !is_infinite_$type(x);
    let extreme = select(select(not_a_number, -infinity, x == $value()), infinity, x > $value());
    return select(select(extreme, log(x), ordinary), x, is_nan_$type(x));
}

// Drivers compute tanh from exp, which overflows (beyond 15 the result is ±1 in float32) and
// loses small values (there the series x - x³/3 is exact in float32).
fn tanh_$type(x: $value) -> $value {
    let near = tanh(select(x, $value(), abs(x) > $value(15.0)));
    let small = x - x * x * x / 3.0;
    let finite = select(near, small, abs(x) < $value(0.01));
    return select(select(finite, sign(x), abs(x) > $value(15.0)), x, is_nan_$type(x));
}

// pow() is undefined for a negative base, and drivers differ at zero and infinity: IEEE 754's cases.
fn power_$type(base: $value, exponent: $value) -> $value {
    let magnitude = abs(base);
    let whole = floor(exponent) == exponent;
    let odd = whole & (floor(exponent * 0.5) * 2.0 != exponent);
    let minus = (bitcast<$bits>(base) >> $bits(31u)) != $bits();
    let grows = (magnitude > $value(1.0)) == (exponent > $value());
    let limit = select($value(), $value(bitcast<f32>(inf_bits)), grows);
    let extreme = (magnitude == $value()) | is_infinite_$type(base) | is_infinite_$type(exponent);
    let ordinary = pow(select(magnitude, $value(1.0), extreme), exponent);
    let absolute = select(ordinary, limit, extreme);
    let signed = select(absolute, -absolute, minus & odd);
    let undefined_here = minus & !whole & !extreme;
    let finite = select(signed, $value(bitcast<f32>(nan_bits)), undefined_here);
    let is_nan = is_nan_$type(base) | is_nan_$type(exponent);
    let propagated = select(finite, base + exponent, is_nan);
    let one = (exponent == $value()) | (base == $value(1.0));
    let minus_one = (magnitude == $value(1.0)) & is_infinite_$type(exponent);
    return select(propagated, $value(1.0), one | minus_one);
}
