// Transforms of two, four, eight and sixteen numbers, each made of smaller ones.

const HALF: f32 = 0.70710678118654752440;
const COSINE: f32 = 0.92387953251128675613;
const SINE: f32 = 0.38268343236508977173;

// Multiplied by the eighth root of unity, and by its third power.
fn by_eighth(a: Complex) -> Complex {
    return Complex((a.re + a.im) * HALF, (a.im - a.re) * HALF);
}

fn by_three_eighths(a: Complex) -> Complex {
    return Complex((a.im - a.re) * HALF, -(a.re + a.im) * HALF);
}

fn of_two(x: array<Complex, 2>) -> array<Complex, 2> {
    return array<Complex, 2>(plus(x[0], x[1]), minus(x[0], x[1]));
}

fn of_four(x: array<Complex, 4>) -> array<Complex, 4> {
    let a = plus(x[0], x[2]);
    let b = minus(x[0], x[2]);
    let c = plus(x[1], x[3]);
    let d = turned(minus(x[1], x[3]));
    return array<Complex, 4>(plus(a, c), plus(b, d), minus(a, c), minus(b, d));
}

fn of_eight(x: array<Complex, 8>) -> array<Complex, 8> {
    let even = of_four(array<Complex, 4>(x[0], x[2], x[4], x[6]));
    var odd = of_four(array<Complex, 4>(x[1], x[3], x[5], x[7]));
    odd[1] = by_eighth(odd[1]);
    odd[2] = turned(odd[2]);
    odd[3] = by_three_eighths(odd[3]);
    var y: array<Complex, 8>;
#for out in 4
    y[$out] = plus(even[$out], odd[$out]);
    y[$out + 4] = minus(even[$out], odd[$out]);
#end
    return y;
}

fn of_sixteen(x: array<Complex, 16>) -> array<Complex, 16> {
#for part in 4
    var part_$part = of_four(
        array<Complex, 4>(x[$part], x[$part + 4], x[$part + 8], x[$part + 12]),
    );
#end
    part_1[1] = rotated(part_1[1], COSINE, -SINE);
    part_1[2] = by_eighth(part_1[2]);
    part_1[3] = rotated(part_1[3], SINE, -COSINE);
    part_2[1] = by_eighth(part_2[1]);
    part_2[2] = turned(part_2[2]);
    part_2[3] = by_three_eighths(part_2[3]);
    part_3[1] = rotated(part_3[1], SINE, -COSINE);
    part_3[2] = by_three_eighths(part_3[2]);
    part_3[3] = rotated(part_3[3], -COSINE, SINE);
    var y: array<Complex, 16>;
#for out in 4
    let row_$out = of_four(
        array<Complex, 4>(part_0[$out], part_1[$out], part_2[$out], part_3[$out]),
    );
#for high in 4
    y[$out + 4 * $high] = row_$out[$high];
#end
#end
    return y;
}

fn transformed(x: array<Complex, $radix>) -> array<Complex, $radix> {
    return of_$name(x);
}
