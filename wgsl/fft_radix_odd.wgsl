// A transform of $radix numbers, an odd one: terms that mirror each other are taken together.

const COSINES = array<f32, $radix>($cosines);
const SINES = array<f32, $radix>($sines);

fn transformed(x: array<Complex, $radix>) -> array<Complex, $radix> {
    var y: array<Complex, $radix>;
    var total = x[0];
#for pair in pairs
    let sum_$pair = plus(x[$pair + 1], x[$radix - 1 - $pair]);
    let difference_$pair = turned(minus(x[$pair + 1], x[$radix - 1 - $pair]));
    total = plus(total, sum_$pair);
#end
    y[0] = total;
#for out in pairs
    var even_$out = x[0];
    var odd_$out = Complex();
#for pair in pairs
    even_$out.re += COSINES[($out + 1) * ($pair + 1) % $radix] * sum_$pair.re;
    even_$out.im += COSINES[($out + 1) * ($pair + 1) % $radix] * sum_$pair.im;
    odd_$out.re += SINES[($out + 1) * ($pair + 1) % $radix] * difference_$pair.re;
    odd_$out.im += SINES[($out + 1) * ($pair + 1) % $radix] * difference_$pair.im;
#end
    y[$out + 1] = plus(even_$out, odd_$out);
    y[$radix - 1 - $out] = minus(even_$out, odd_$out);
#end
    return y;
}
