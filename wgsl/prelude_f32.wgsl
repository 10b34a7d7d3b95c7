// Functions whose WGSL built-ins are looser than IEEE 754: a WGSL compiler may assume that there
// are no NaN and no infinities (WGSL, "Floating Point Evaluation"), so NaN is told by its bits, and
// drivers' exp, log and pow are good to three digits in places. Polynomials are interpolations at
// Chebyshev points; each has a relative error below 4e-7.

fn is_nan_$type(x: $value) -> $condition {
    return (bitcast<$bits>(x) & $bits(0x7fffffffu)) > $bits(0x7f800000u);
}

fn is_infinite_$type(x: $value) -> $condition {
    return (bitcast<$bits>(x) & $bits(0x7fffffffu)) == $bits(0x7f800000u);
}

fn not_a_number_$type() -> $value {
    return $value(bitcast<f32>(nan_bits));
}

fn infinity_$type() -> $value {
    return $value(bitcast<f32>(inf_bits));
}

fn signbit_$type(x: $value) -> $condition {
    return (bitcast<$bits>(x) >> $bits(31u)) != $bits();
}

// Not by bits: llvmpipe loses the magnitude where two such are chained.
fn copysign_$type(magnitude: $value, sign: $value) -> $value {
    return select(abs(magnitude), -abs(magnitude), signbit_$type(sign));
}

// The leading 12 bits: products of two such are exact.
fn leading_$type(x: $value) -> $value {
    return bitcast<$value>(bitcast<$bits>(x) & $bits(0xfffff000u));
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

// Compilers that take floats for finite fold x - x and x + -x to 0; the sign turned as a bit they
// do not recognise.
fn negative_$type(x: $value) -> $value {
    return bitcast<$value>(bitcast<$bits>(x) ^ $bits(0x80000000u));
}

fn subtract_$type(x: $value, y: $value) -> $value {
    return x + negative_$type(y);
}

fn sign_$type(x: $value) -> $value {
    return select(sign(x), x, is_nan_$type(x));
}

// 2^k for a whole k from -126 to 127, 0 for -127 and infinity for 128: the sum has k in its lowest
// bits, which saves a conversion to integers.
fn power_of_two_$type(k: $value) -> $value {
    return bitcast<$value>((bitcast<$bits>(k + 12582912.0) << $bits(23u)) + $bits(0x3f800000u));
}

// exp(r) - 1 for |r| ≤ ln(2) / 2.
fn small_expm1_$type(r: $value) -> $value {
    var p = $value(0.0001989126851);
    p = p * r + 0.001393390005;
    p = p * r + 0.008333310675;
    p = p * r + 0.04166646267;
    p = p * r + 0.1666666668;
    p = p * r + 0.5000000014;
    return r + r * r * p;
}

// x less k · ln(2) in two parts. The first product has 12 bits, so that cutting it changes nothing
// but that no compiler adds the parts up.
fn without_powers_of_two_$type(x: $value, k: $value) -> $value {
    return (x - leading_$type(k * 0.6875)) - k * 0.00564718056;
}

// exp(x + rest) for x between -87.6 and 89 and a small rest; results below 1.7e-38 are 0.
fn exp_of_sum_$type(x: $value, rest: $value) -> $value {
    let k = round(x * 1.442695041);
    let r = without_powers_of_two_$type(x, k) + rest;
    var p = $value(0.001340837409);
    p = p * r + 0.008379668;
    p = p * r + 0.04167615525;
    p = p * r + 0.1666634645;
    p = p * r + 0.4999995651;
    p = p * r + 1.000000058;
    p = p * r + 1.0;
    // Half of it first: 2^128 is out of range.
    return 2.0 * p * power_of_two_$type(k - 1.0);
}

fn finite_exp_$type(x: $value) -> $value {
    return exp_of_sum_$type(clamp(x, $value(-87.6), $value(89.0)), $value());
}

fn exp_$type(x: $value) -> $value {
    return select(finite_exp_$type(x), x, is_nan_$type(x));
}

fn expm1_$type(x: $value) -> $value {
    let bounded = clamp(x, $value(-20.0), $value(88.8));
    let k = round(bounded * 1.442695041);
    let q = small_expm1_$type(without_powers_of_two_$type(bounded, k));
    // Half of it first: 2^128 is out of range.
    let half = power_of_two_$type(k - 1.0);
    let result = 2.0 * (half * q + (half - 0.5));
    let same = is_nan_$type(x) | (abs(x) < $value(1e-8));
    return select(select(result, infinity_$type(), x > $value(88.8)), x, same);
}

// log(1 + f) for 1 + f between √½ and √2.
fn small_log1p_$type(f: $value) -> $value {
    var p = $value(0.06980701959);
    p = p * f - 0.1149454661;
    p = p * f + 0.1168907114;
    p = p * f - 0.1242403772;
    p = p * f + 0.1424855126;
    p = p * f - 0.1666785097;
    p = p * f + 0.200007305;
    p = p * f - 0.2499999663;
    p = p * f + 0.3333333112;
    return f + (f * f * f * p - 0.5 * f * f);
}

// A positive normal x is mantissa_$type(x) · 2^exponent_$type(x), the mantissa between √½ and √2.
fn exponent_$type(x: $value) -> $value {
    let above = (bitcast<$bits>(x) + $bits(0x004afb0du)) >> $bits(23u);
    // 2²³ + the number, which saves a conversion.
    return bitcast<$value>(above | $bits(0x4b000000u)) - 8388735.0;
}

fn mantissa_$type(x: $value) -> $value {
    let above = (bitcast<$bits>(x) + $bits(0x004afb0du)) & $bits(0x007fffffu);
    return bitcast<$value>(above + $bits(0x3f3504f3u));
}

fn is_subnormal_$type(x: $value) -> $condition {
    return x < $value(1.17549435e-38);
}

// `finite` for positive finite x, else what every logarithm gives.
fn logarithm_$type(x: $value, finite: $value) -> $value {
    let ordinary = (x > $value()) & !is_infinite_$type(x);
    let below = select(not_a_number_$type(), -infinity_$type(), x == $value());
    let extreme = select(below, infinity_$type(), x > $value());
    return select(select(extreme, finite, ordinary), x, is_nan_$type(x));
}

// log(x) / log(base); the logarithm of 2 to that base in two parts, the first one short.
fn log_to_base_$type(x: $value, high: f32, low: f32, inverse: f32) -> $value {
    let tiny = is_subnormal_$type(x);
    let normal = select(x, x * 8388608.0, tiny);
    let k = exponent_$type(normal) - select($value(), $value(23.0), tiny);
    let logarithm = small_log1p_$type(mantissa_$type(normal) - 1.0) * inverse;
    return logarithm_$type(x, k * high + (logarithm + k * low));
}

fn log_$type(x: $value) -> $value {
    return log_to_base_$type(x, 0.693115234375, 3.19461849453e-5, 1.0);
}

fn log2_$type(x: $value) -> $value {
    return log_to_base_$type(x, 1.0, 0.0, 1.442695041);
}

fn log10_$type(x: $value) -> $value {
    return log_to_base_$type(x, 0.301025390625, 4.605038981e-6, 0.4342944819);
}

fn log1p_$type(x: $value) -> $value {
    let near = (x > $value(-0.29)) & (x < $value(0.41));
    return select(log_$type(1.0 + x), small_log1p_$type(select($value(), x, near)), near);
}

fn logaddexp_$type(x: $value, y: $value) -> $value {
    let larger = max(x, y);
    let distance = select(abs(x - y), $value(), x == y);
    let sum = larger + log1p_$type(finite_exp_$type(-distance));
    let infinite = is_infinite_$type(x) | is_infinite_$type(y);
    let known = select(sum, larger, infinite);
    return select(known, x + y, is_nan_$type(x) | is_nan_$type(y));
}

fn sinh_$type(x: $value) -> $value {
    let a = abs(x);
    let e = expm1_$type(min(a, $value(20.0)));
    let root = finite_exp_$type(0.5 * a);
    let magnitude = select(0.5 * (e + e / (e + 1.0)), (0.5 * root) * root, a > $value(20.0));
    return select(copysign_$type(magnitude, x), x, is_nan_$type(x));
}

fn cosh_$type(x: $value) -> $value {
    let a = abs(x);
    let e = finite_exp_$type(min(a, $value(20.0)));
    let root = finite_exp_$type(0.5 * a);
    let result = select(0.5 * (e + 1.0 / e), (0.5 * root) * root, a > $value(20.0));
    return select(result, x, is_nan_$type(x));
}

fn tanh_$type(x: $value) -> $value {
    let e = expm1_$type(2.0 * min(abs(x), $value(15.0)));
    return select(copysign_$type(e / (e + 2.0), x), x, is_nan_$type(x));
}

fn asinh_$type(x: $value) -> $value {
    let a = abs(x);
    let near = min(a, $value(10000.0));
    let square = near * near;
    let small = log1p_$type(near + square / (1.0 + sqrt(square + 1.0)));
    let magnitude = select(small, log_$type(a) + 0.6931471806, a > $value(10000.0));
    return select(copysign_$type(magnitude, x), x, is_nan_$type(x));
}

fn acosh_$type(x: $value) -> $value {
    let t = clamp(x, $value(1.0), $value(10000.0)) - 1.0;
    let small = log1p_$type(t + sqrt(t * (t + 2.0)));
    let result = select(small, log_$type(x) + 0.6931471806, x > $value(10000.0));
    let defined = select(result, not_a_number_$type(), x < $value(1.0));
    return select(defined, x, is_nan_$type(x));
}

fn atanh_$type(x: $value) -> $value {
    let a = abs(x);
    let inside = a < $value(1.0);
    let b = select($value(), a, inside);
    let finite = 0.5 * log1p_$type(2.0 * b / (1.0 - b));
    let edge = select(not_a_number_$type(), infinity_$type(), a == $value(1.0));
    return select(copysign_$type(select(edge, finite, inside), x), x, is_nan_$type(x));
}
