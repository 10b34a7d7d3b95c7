// Sines, tangents and their inverses; see prelude_f32.wgsl.

// The same with 21 bits: five of a constant times sixteen of a whole number.
fn short_product_$type(k: $value, constant: f32) -> $value {
    return bitcast<$value>(bitcast<$bits>(k * constant) & $bits(0xfffffff8u));
}

// x less k · π/2, for |x| ≤ 8,192.
fn without_quarter_turns_$type(x: $value, k: $value) -> $value {
    let first = (x - short_product_$type(k, 1.5625)) - short_product_$type(k, 0.0078125);
    return (first - short_product_$type(k, 0.0004730224609375)) - k * 1.080433396e-5;
}

// Words of 2/π in binary, the first one after the point being number 1.
fn two_over_pi_$type(index: $bits) -> $bits {
    var word = $bits();
    word = select(word, $bits(0xa2f9836eu), index == $bits(1u));
    word = select(word, $bits(0x4e441529u), index == $bits(2u));
    word = select(word, $bits(0xfc2757d1u), index == $bits(3u));
    word = select(word, $bits(0xf534ddc0u), index == $bits(4u));
    word = select(word, $bits(0xdb629599u), index == $bits(5u));
    word = select(word, $bits(0x3c439041u), index == $bits(6u));
    return word;
}

// The upper 32 bits of a product.
fn high_product_$type(a: $bits, b: $bits) -> $bits {
    let half = $bits(0xffffu);
    let low = (a & half) * (b & half);
    let first = (a >> $bits(16u)) * (b & half) + (low >> $bits(16u));
    let second = (a & half) * (b >> $bits(16u)) + (first & half);
    return (a >> $bits(16u)) * (b >> $bits(16u)) + (first >> $bits(16u)) + (second >> $bits(16u));
}

// x less k · π/2 for larger x, and k modulo 4, by Payne and Hanek: of 2/π only those 96 bits matter
// that are no multiples of 4 when multiplied by x, nor too small.
fn without_many_turns_$type(x: $value, k: ptr<function, $value>) -> $value {
    let bits = bitcast<$bits>(x);
    let mantissa = ((bits & $bits(0x7fffffu)) | $bits(0x800000u)) << $bits(8u);
    let place = ((bits >> $bits(23u)) & $bits(255u)) - $bits(128u);
    let index = place >> $bits(5u);
    let shift = place & $bits(31u);
    let second = two_over_pi_$type(index + $bits(1u));
    let third = two_over_pi_$type(index + $bits(2u));
    let fourth = two_over_pi_$type(index + $bits(3u));
    let back = $bits(31u) - shift;
    let upper = (two_over_pi_$type(index) << shift) | ((second >> $bits(1u)) >> back);
    let middle = (second << shift) | ((third >> $bits(1u)) >> back);
    let lower = (third << shift) | ((fourth >> $bits(1u)) >> back);
    let below = middle * mantissa + high_product_$type(lower, mantissa);
    let carry = select($bits(), $bits(1u), below < middle * mantissa);
    let above = upper * mantissa + high_product_$type(middle, mantissa) + carry;
    // Quarter turns in two bits, then 64 of what is left, taken to the nearer side.
    let part = (above << $bits(2u)) | (below >> $bits(30u));
    let rest = (below << $bits(2u)) | ((lower * mantissa) >> $bits(30u));
    let over = (part >> $bits(31u)) != $bits();
    let borrow = select($bits(), $bits(1u), rest == $bits());
    let near = $value(select(part, ~part + borrow, over)) * 2.3283064365e-10;
    let size = near + $value(select(rest, ~rest + $bits(1u), over)) * 5.4210108624e-20;
    let quarters = $value((above >> $bits(30u)) + (part >> $bits(31u)));
    *k = select(quarters, -quarters, signbit_$type(x));
    return select(size, -size, over != signbit_$type(x)) * 1.570796327;
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
    var k = round(x * 0.6366197724);
    var r = without_quarter_turns_$type(x, k);
    let far = abs(x) > $value(8192.0);
    if any(far) {
        var turns = k;
        r = select(r, without_many_turns_$type(x, &turns), far);
        k = select(k, turns, far);
    }
    let quadrant = k + shift - 4.0 * floor((k + shift) * 0.25);
    let odd = (quadrant == $value(1.0)) | (quadrant == $value(3.0));
    let magnitude = select(small_sin_$type(r), small_cos_$type(r), odd);
    let result = select(magnitude, -magnitude, quadrant >= $value(2.0));
    return select(select(result, not_a_number_$type(), is_infinite_$type(x)), x, is_nan_$type(x));
}

fn sin_$type(x: $value) -> $value {
    // Keeps the sign of zero.
    return select(shifted_sin_$type(x, 0.0), x, abs(x) < $value(1e-4));
}

fn cos_$type(x: $value) -> $value {
    return shifted_sin_$type(x, 1.0);
}

fn tan_$type(x: $value) -> $value {
    var k = round(x * 0.6366197724);
    var r = without_quarter_turns_$type(x, k);
    let far = abs(x) > $value(8192.0);
    if any(far) {
        var turns = k;
        r = select(r, without_many_turns_$type(x, &turns), far);
        k = select(k, turns, far);
    }
    let z = r * r;
    var p = $value(0.003851474337);
    p = p * z + 0.001171261758;
    p = p * z + 0.009970956781;
    p = p * z + 0.02161861274;
    p = p * z + 0.05399478446;
    p = p * z + 0.1333322949;
    p = p * z + 0.3333333399;
    let tangent = r + r * z * p;
    let result = select(tangent, -1.0 / tangent, floor(k * 0.5) * 2.0 != k);
    let same = is_nan_$type(x) | (abs(x) < $value(1e-4));
    return select(select(result, not_a_number_$type(), is_infinite_$type(x)), x, same);
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
