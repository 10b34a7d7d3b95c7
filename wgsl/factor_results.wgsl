// Element i of what is made of the factors.

#if solution
fn element(i: u32) -> f32 {
    let columns = WIDTH - COLUMNS;
    return factors(i / columns * STRIDE + COLUMNS + i % columns);
}
#end
#if determinant
// Of a positive number; zeros, infinities and NaN are their own mantissa.
fn exponent_of(x: f32) -> i32 {
    let exponent = i32(bitcast<u32>(x) >> 23u) - 127;
    return select(exponent, 0, exponent == -127 || exponent == 128);
}

fn mantissa_of(x: f32) -> f32 {
    let whole = bitcast<u32>(x) - (bitcast<u32>(exponent_of(x)) << 23u);
    return bitcast<f32>(whole);
}

// The pivots' product as a number from 1 to 2 and an exponent, so that nothing on the way is out of
// range.
fn element(i: u32) -> f32 {
    let matrix = i / $per_matrixu;
    var sign = 1.0;
    var mantissa = 1.0;
    var exponent = 0;
    for (var k = 0u; k < COLUMNS; k += 1u) {
        let pivot = factors(place(matrix, k, k));
        let swapped = factors(place(matrix, k, STRIDE - 1u)) != f32(k);
        sign *= select(sign_f32(pivot), -sign_f32(pivot), swapped);
        mantissa *= mantissa_of(abs(pivot));
        exponent += exponent_of(abs(pivot)) + exponent_of(mantissa);
        mantissa = mantissa_of(mantissa);
    }
#if logarithmic
    return select(sign, log_f32(mantissa) + f32(exponent) * 0.6931471806, i % 2u == 1u);
#else
    let bounded = clamp(exponent, -252, 254);
    let half = bounded / 2;
    return sign * (mantissa * power_of_two_f32(f32(half)) * power_of_two_f32(f32(bounded - half)));
#end
}
#end
#if orthogonal
// Q, then R, one behind the other for each matrix.
fn element(i: u32) -> f32 {
    let columns = WIDTH - COLUMNS;
    let sizes = ROWS * columns + columns * COLUMNS;
    let matrix = i / sizes;
    let number = i % sizes;
    if number < ROWS * columns {
        return factors(place(matrix, number / columns, COLUMNS + number % columns));
    }
    let row = (number - ROWS * columns) / COLUMNS;
    let column = (number - ROWS * columns) % COLUMNS;
    return select(0.0, factors(place(matrix, row, column)), column >= row);
}
#end
