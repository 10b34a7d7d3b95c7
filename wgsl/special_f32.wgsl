// The error function, whole quotients, powers and activations; see prelude_f32.wgsl.

// ½ · erfc(a / √2) for a ≥ 0, the upper tail of the normal distribution, to a few ULP: exp(-a²/2)
// (the square in two parts, or its rounding would show) times a polynomial of t = 1 / (1 + 0.3 a).
fn normal_tail_$type(a: $value) -> $value {
    let x = min(a, $value(13.2));
    let t = 1.0 / (1.0 + 0.3 * x);
    var p = $value(0.03754777208);
    p = p * t - 0.1649050326;
    p = p * t + 0.2194214576;
    p = p * t - 0.06549363358;
    p = p * t + 0.1346747802;
    p = p * t + 0.09810864722;
    p = p * t + 0.121034401;
    p = p * t + 0.1196116414;
    let leading = leading_$type(x);
    let rest = -0.5 * (x - leading) * (x + leading);
    return exp_of_sum_$type(-0.5 * leading * leading, rest) * p * t;
}

fn erf_$type(x: $value) -> $value {
    let a = abs(x);
    let z = min(a, $value(1.0)) * min(a, $value(1.0));
    var p = $value(7.84301924e-5);
    p = p * z - 0.0008007761015;
    p = p * z + 0.005188148924;
    p = p * z - 0.02685377022;
    p = p * z + 0.1128358542;
    p = p * z - 0.3761262596;
    p = p * z + 1.128379166;
    let far = 1.0 - 2.0 * normal_tail_$type(1.414213562 * a);
    return select(copysign_$type(select(a * p, far, a > $value(1.0)), x), x, is_nan_$type(x));
}

// The part of a · b that its float `product` lacks.
fn product_error_$type(a: $value, b: $value, product: $value) -> $value {
    let a_high = leading_$type(a);
    let b_high = leading_$type(b);
    let a_low = a - a_high;
    let b_low = b - b_high;
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
}

// x less `quotient` · y.
fn rest_of_division_$type(x: $value, y: $value, quotient: $value) -> $value {
    let product = quotient * y;
    return (x - product) - product_error_$type(quotient, y, product);
}

// floor(x / y) for finite operands: a division that rounds up to a whole number is found out.
fn whole_quotient_$type(x: $value, y: $value) -> $value {
    let quotient = floor(x / y);
    let rest = rest_of_division_$type(x, y, quotient);
    let above = (rest != $value()) & (signbit_$type(rest) != signbit_$type(y));
    // A rest of almost y, where x is shorter than y, may have been rounded to y.
    let below = !above & (abs(rest) >= abs(y)) & (abs(x) >= abs(y));
    return quotient + select($value(), $value(1.0), below) - select($value(), $value(1.0), above);
}

// By zero a division, as NumPy has it; of and by infinities and of zero the quotient, as the
// standard has it, where NumPy gives NaN and -1.
fn floor_divide_$type(x: $value, y: $value) -> $value {
    let zero = y == $value();
    let endless = is_infinite_$type(y);
    let finite = whole_quotient_$type(x, select(y, $value(1.0), zero | endless));
    let exact = abs(x / select(y, $value(1.0), zero)) < $value(16777216.0);
    let size = select($value(), infinity_$type(), is_infinite_$type(x));
    let quotient = select(size, negative_$type(size), signbit_$type(x) != signbit_$type(y));
    let extreme = select(quotient, not_a_number_$type(), endless & is_infinite_$type(x));
    let ordinary = select(x / y, finite, exact);
    let defined = select(ordinary, extreme, endless | is_infinite_$type(x) | (x == $value()));
    let by_zero = select(defined, x / y, zero);
    return select(by_zero, x + y, is_nan_$type(x) | is_nan_$type(y));
}

fn remainder_$type(x: $value, y: $value) -> $value {
    let zero = y == $value();
    let endless = is_infinite_$type(y);
    let divisor = select(y, $value(1.0), zero | endless);
    let finite = rest_of_division_$type(x, divisor, whole_quotient_$type(x, divisor));
    let opposite = (x != $value()) & (signbit_$type(x) != signbit_$type(y));
    let by_infinity = select(x, y, opposite);
    let ordinary = select(finite, by_infinity, endless);
    let signed = select(ordinary, copysign_$type($value(), y), ordinary == $value());
    let defined = select(signed, not_a_number_$type(), is_infinite_$type(x) | zero);
    return select(defined, x + y, is_nan_$type(x) | is_nan_$type(y));
}

// log2(magnitude) in two parts, so that its product with an exponent keeps 24 bits after the point's
// seven before it; then 2 to that power.
fn ordinary_power_$type(magnitude: $value, exponent: $value) -> $value {
    let tiny = is_subnormal_$type(magnitude);
    let normal = select(magnitude, magnitude * 8388608.0, tiny);
    let k = exponent_$type(normal) - select($value(), $value(23.0), tiny);
    let m = mantissa_$type(normal);
    // log2(m) = 2/ln(2) · s + s³ · P(s²) for s = (m - 1) / (m + 1).
    let sum = leading_$type(m + 1.0);
    let sum_rest = m - (sum - 1.0);
    let difference = m - 1.0;
    let s = difference / (m + 1.0);
    let s_high = leading_$type(s);
    let s_low = ((difference - s_high * sum) - s_high * sum_rest) / (m + 1.0);
    let z = s * s;
    let tail = ((0.3367530598 * z + 0.4118951611) * z + 0.5770798283) * z + 0.9617966922;
    let high = s_high * 2.884765625;
    let low = s_high * 0.000624456778 + s_low * 2.885390082 + s * z * tail;
    let logarithm = k + (high + low);
    let leading = leading_$type(logarithm);
    let rest = ((k - leading) + high) + low;
    let about = exponent * logarithm;
    let far = abs(about) > $value(130.0);
    let y = select(exponent, $value(), far);
    let y_high = leading_$type(y);
    let product = y_high * leading;
    let product_rest = (y - y_high) * leading + y * rest;
    let whole = round(product + product_rest);
    let fraction = ((product - whole) + product_rest) * 0.6931471806;
    let scale = power_of_two_$type(max(whole - 1.0, $value(-127.0)));
    let near = 2.0 * (1.0 + small_expm1_$type(fraction)) * scale;
    return select(near, select($value(), infinity_$type(), about > $value()), far);
}

// IEEE 754's cases of zero, infinity and a negative base.
fn power_$type(base: $value, exponent: $value) -> $value {
    let magnitude = abs(base);
    let whole = floor(exponent) == exponent;
    let odd = whole & (floor(exponent * 0.5) * 2.0 != exponent);
    let minus = signbit_$type(base);
    let grows = (magnitude > $value(1.0)) == (exponent > $value());
    let limit = select($value(), infinity_$type(), grows);
    let extreme = (magnitude == $value()) | is_infinite_$type(base) | is_infinite_$type(exponent);
    let ordinary = ordinary_power_$type(
        select(magnitude, $value(1.0), extreme), select(exponent, $value(1.0), extreme),
    );
    let absolute = select(ordinary, limit, extreme);
    let signed = select(absolute, -absolute, minus & odd);
    let undefined_here = minus & !whole & !extreme;
    let finite = select(signed, not_a_number_$type(), undefined_here);
    let is_nan = is_nan_$type(base) | is_nan_$type(exponent);
    let propagated = select(finite, base + exponent, is_nan);
    let one = (exponent == $value()) | (base == $value(1.0));
    let minus_one = (magnitude == $value(1.0)) & is_infinite_$type(exponent);
    return select(propagated, $value(1.0), one | minus_one);
}

fn sigmoid_$type(x: $value) -> $value {
    let e = finite_exp_$type(-abs(x));
    return select(select($value(1.0), e, x < $value()) / (1.0 + e), x, is_nan_$type(x));
}

fn softplus_$type(x: $value) -> $value {
    let positive = max(x, $value());
    return select(positive + log1p_$type(finite_exp_$type(-abs(x))), x, is_nan_$type(x));
}

fn gelu_$type(x: $value) -> $value {
    let tail = normal_tail_$type(abs(x));
    return x * select(1.0 - tail, tail, x < $value());
}

fn elu_$type(x: $value, alpha: f32) -> $value {
    return select(select(alpha * expm1_$type(x), x, x > $value()), x, is_nan_$type(x));
}

fn leaky_relu_$type(x: $value, slope: $value) -> $value {
    return select(x, slope * x, x < $value());
}

fn hard_sigmoid_$type(x: $value, alpha: f32, beta: f32) -> $value {
    return select(clamp(alpha * x + beta, $value(), $value(1.0)), x, is_nan_$type(x));
}

fn hard_swish_$type(x: $value) -> $value {
    return select(x * clamp(x + 3.0, $value(), $value(6.0)) / 6.0, x, is_nan_$type(x));
}

// Place among all floats: 2³¹ for both zeros, one more for each larger float.
fn place_$type(x: $value) -> $bits {
    let magnitude = bitcast<$bits>(x) & $bits(0x7fffffffu);
    let zero = $bits(0x80000000u);
    return select(zero + magnitude, zero - magnitude, signbit_$type(x));
}

fn next_after_$type(x: $value, y: $value) -> $value {
    let zero = $bits(0x80000000u);
    let here = place_$type(x);
    let there = place_$type(y);
    let place = select(here - $bits(1u), here + $bits(1u), there > here);
    let below = (place < zero) | ((place == zero) & signbit_$type(x));
    let bits = select(place - zero, (zero - place) | zero, below);
    let result = select(bitcast<$value>(bits), y, here == there);
    let is_nan = is_nan_$type(x) | is_nan_$type(y);
    return select(result, not_a_number_$type(), is_nan);
}
