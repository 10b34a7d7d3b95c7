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
    return select(select(result, infinity_$type(), x > $value(88.8)), x, is_nan_$type(x));
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

// The same with 21 bits: five of a constant times sixteen of a whole number.
fn short_product_$type(k: $value, constant: f32) -> $value {
    return bitcast<$value>(bitcast<$bits>(k * constant) & $bits(0xfffffff8u));
}

// x less k · π/2, for |x| ≤ 100,000.
fn without_quarter_turns_$type(x: $value, k: $value) -> $value {
    let first = (x - short_product_$type(k, 1.5625)) - short_product_$type(k, 0.0078125);
    return (first - short_product_$type(k, 0.0004730224609375)) - k * 1.080433396e-5;
}

// sin(r) and cos(r) for |r| ≤ π/4.
fn small_sin_$type(r: $value) -> $value {
    let z = r * r;
    let p = ((2.724931436e-6 * z - 0.0001984008202) * z + 0.008333331866) * z - 0.1666666666;
    return r + r * z * p;
}

fn small_cos_$type(r: $value) -> $value {
    let z = r * r;
    let p = ((2.480059644e-5 - 2.730044887e-7 * z) * z - 0.001388888766) * z + 0.04166666666;
    return 1.0 - (0.5 * z - z * z * p);
}

// sin(x + shift · π/2).
fn shifted_sin_$type(x: $value, shift: f32) -> $value {
    let k = round(x * 0.6366197724);
    let r = without_quarter_turns_$type(x, k);
    let quadrant = k + shift - 4.0 * floor((k + shift) * 0.25);
    let odd = (quadrant == $value(1.0)) | (quadrant == $value(3.0));
    let magnitude = select(small_sin_$type(r), small_cos_$type(r), odd);
    let near = select(magnitude, -magnitude, quadrant >= $value(2.0));
    let result = select(near, sin(x + shift * 1.570796327), abs(x) > $value(100000.0));
    return select(select(result, not_a_number_$type(), is_infinite_$type(x)), x, is_nan_$type(x));
}

fn sin_$type(x: $value) -> $value {
    return shifted_sin_$type(x, 0.0);
}

fn cos_$type(x: $value) -> $value {
    return shifted_sin_$type(x, 1.0);
}

fn tan_$type(x: $value) -> $value {
    let k = round(x * 0.6366197724);
    let r = without_quarter_turns_$type(x, k);
    let z = r * r;
    var p = $value(0.003851474337);
    p = p * z + 0.001171261758;
    p = p * z + 0.009970956781;
    p = p * z + 0.02161861274;
    p = p * z + 0.05399478446;
    p = p * z + 0.1333322949;
    p = p * z + 0.3333333399;
    let tangent = r + r * z * p;
    let near = select(tangent, -1.0 / tangent, floor(k * 0.5) * 2.0 != k);
    let result = select(near, tan(x), abs(x) > $value(100000.0));
    return select(select(result, not_a_number_$type(), is_infinite_$type(x)), x, is_nan_$type(x));
}

// asin(x) for 0 ≤ x ≤ ½.
fn small_asin_$type(x: $value) -> $value {
    let z = x * x;
    var p = $value(0.03370072632);
    p = p * z + 0.01714371682;
    p = p * z + 0.03110172783;
    p = p * z + 0.04459931916;
    p = p * z + 0.07500094761;
    p = p * z + 0.1666666634;
    return x + x * z * p;
}

// 2 · asin(√((1 - a) / 2)), which is acos(a), for ½ ≤ a ≤ 1.
fn acos_near_one_$type(a: $value) -> $value {
    return 2.0 * small_asin_$type(sqrt(max(0.5 - 0.5 * a, $value())));
}

fn asin_$type(x: $value) -> $value {
    let a = abs(x);
    let near = small_asin_$type(min(a, $value(0.5)));
    let magnitude = select(near, 1.570796327 - acos_near_one_$type(a), a > $value(0.5));
    let defined = select(copysign_$type(magnitude, x), not_a_number_$type(), a > $value(1.0));
    return select(defined, x, is_nan_$type(x));
}

fn acos_$type(x: $value) -> $value {
    let a = abs(x);
    let near = 1.570796327 - copysign_$type(small_asin_$type(min(a, $value(0.5))), x);
    let edge = acos_near_one_$type(a);
    let far = select(edge, 3.141592654 - edge, x < $value());
    let result = select(near, far, a > $value(0.5));
    return select(select(result, not_a_number_$type(), a > $value(1.0)), x, is_nan_$type(x));
}

// atan(t) for 0 ≤ t ≤ 1; above tan(π/8) by atan(t) = π/4 + atan((t - 1) / (t + 1)).
fn small_atan_$type(t: $value) -> $value {
    let upper = t > $value(0.4142135624);
    let s = select(t, (t - 1.0) / (t + 1.0), upper);
    let z = s * s;
    var p = $value(-0.06449835225);
    p = p * z + 0.1074309967;
    p = p * z - 0.1426389711;
    p = p * z + 0.1999953879;
    p = p * z - 0.3333333175;
    return select($value(), $value(0.7853981634), upper) + (s + s * z * p);
}

fn atan_$type(x: $value) -> $value {
    let a = abs(x);
    let far = a > $value(1.0);
    let near = small_atan_$type(select(a, 1.0 / max(a, $value(1.0)), far));
    return select(copysign_$type(select(near, 1.570796327 - near, far), x), x, is_nan_$type(x));
}

fn atan2_$type(y: $value, x: $value) -> $value {
    let above = abs(y);
    let aside = abs(x);
    let larger = max(above, aside);
    let diagonal = is_infinite_$type(y) & is_infinite_$type(x);
    let ratio = min(above, aside) / select(larger, $value(1.0), larger == $value());
    let angle = small_atan_$type(select(ratio, $value(1.0), diagonal));
    let right = select(angle, 1.570796327 - angle, above > aside);
    let whole = select(right, 3.141592654 - right, signbit_$type(x));
    return select(copysign_$type(whole, y), x + y, is_nan_$type(x) | is_nan_$type(y));
}

fn hypot_$type(x: $value, y: $value) -> $value {
    let larger = max(abs(x), abs(y));
    let ratio = min(abs(x), abs(y)) / select(larger, $value(1.0), larger == $value());
    let finite = select(larger * sqrt(1.0 + ratio * ratio), $value(), larger == $value());
    let known = select(finite, x + y, is_nan_$type(x) | is_nan_$type(y));
    return select(known, infinity_$type(), is_infinite_$type(x) | is_infinite_$type(y));
}

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
    let below = !above & (abs(rest) >= abs(y));
    return quotient + select($value(), $value(1.0), below) - select($value(), $value(1.0), above);
}

// NumPy's cases: by zero a division, of infinity NaN, by infinity 0 or -1.
fn floor_divide_$type(x: $value, y: $value) -> $value {
    let zero = y == $value();
    let endless = is_infinite_$type(y);
    let finite = whole_quotient_$type(x, select(y, $value(1.0), zero | endless));
    let exact = abs(x / select(y, $value(1.0), zero)) < $value(16777216.0);
    let opposite = (x != $value()) & (signbit_$type(x) != signbit_$type(y));
    let by_infinity = select($value(), $value(-1.0), opposite);
    let ordinary = select(select(x / y, finite, exact), by_infinity, endless);
    let defined = select(ordinary, not_a_number_$type(), is_infinite_$type(x) & !zero);
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
    let defined = select(ordinary, not_a_number_$type(), is_infinite_$type(x) | zero);
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
