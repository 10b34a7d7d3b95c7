// A running product as a number from 1 to 2 and an exponent: products of spans neither overflow nor
// vanish, which would make 0 · ∞ of a row with a zero before large numbers. Zeros, infinities and
// NaN are their own fraction.
struct state {
    fraction: f32,
    exponent: i32,
}

const FARTHEST = 1000000000;

fn nothing() -> state {
    return state(1.0, 0);
}

fn exponent_bits(x: f32) -> i32 {
    return i32((bitcast<u32>(x) >> 23u) & 0xffu);
}

fn single(x: f32) -> state {
    let is_small = exponent_bits(x) == 0;
    let y = select(x, x * 16777216.0, is_small);
    let exponent = exponent_bits(y);
    if exponent == 0 || exponent == 255 {
        return state(y, 0);
    }
    let fraction = bitcast<f32>((bitcast<u32>(y) & 0x807fffffu) | 0x3f800000u);
    return state(fraction, exponent - select(127, 151, is_small));
}

fn joined(first: state, second: state) -> state {
    let product = single(first.fraction * second.fraction);
    let exponent = clamp(first.exponent + second.exponent, -FARTHEST, FARTHEST);
    return state(product.fraction, exponent + product.exponent);
}

fn total(of_state: state) -> f32 {
    let kind = exponent_bits(of_state.fraction);
    if kind == 0 || kind == 255 {
        return of_state.fraction;
    }
    let exponent = clamp(of_state.exponent, -200, 200);
    let half = exponent / 2;
    let one = bitcast<f32>(u32(half + 127) << 23u);
    let other = bitcast<f32>(u32(exponent - half + 127) << 23u);
    return of_state.fraction * one * other;
}
