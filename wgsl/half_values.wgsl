// What float16 makes of a value in f32: the nearest one that it has, of two the even one; beyond its
// range infinity. Done on the bits, because WGSL leaves to drivers how its conversions round, what
// they make of values out of range, and whether they keep small ones.
fn wrap_$fourfloat16(x: $value) -> $value {
    let sign = bitcast<$bits>(x) & $bits(0x80000000u);
    let magnitude = bitcast<$bits>(x) & $bits(0x7fffffffu);
    let to_even = $bits(0x0fffu) + ((magnitude >> $bits(13u)) & $bits(1u));
    let rounded = (magnitude + to_even) & $bits(0xffffe000u);
    let normal = select(rounded, $bits(0x7f800000u), rounded >= $bits(0x47800000u));
    // Below 2⁻¹⁴ there are multiples of 2⁻²⁴ only.
    let small = bitcast<$value>(min(magnitude, $bits(0x38800000u))) * 16777216.0;
    let subnormal = bitcast<$bits>(round(small) * 5.9604644775390625e-8);
    let number = select(normal, subnormal, magnitude < $bits(0x38800000u));
    return bitcast<$value>(sign | select(number, magnitude, magnitude > $bits(0x7f800000u)));
}

// The 16 bits of a value that float16 has.
fn bits_$fourfloat16(x: $value) -> $bits {
    let sign = (bitcast<$bits>(x) >> $bits(16u)) & $bits(0x8000u);
    let magnitude = bitcast<$bits>(x) & $bits(0x7fffffffu);
    let subnormal = $bits(bitcast<$value>(min(magnitude, $bits(0x38800000u))) * 16777216.0);
    let normal = (magnitude >> $bits(13u)) - $bits(0x1c000u);
    let number = select(normal, subnormal, magnitude < $bits(0x38800000u));
    let special = select($bits(0x7c00u), $bits(0x7e00u), magnitude > $bits(0x7f800000u));
    return sign | select(number, special, magnitude >= $bits(0x7f800000u));
}
