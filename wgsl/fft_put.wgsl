// What becomes of a number that the pass has made.

fn put(line: u32, place: u32, value: Complex) {
    var x = value;
    let turn = place / $inner;
#if filtered
    x = swapped(times(x, Complex($factors[turn], $factors[turn + $factors_plane])));
#end
#if chirped
    if turn >= $length {
        return;
    }
    x = times(swapped(x), Complex($factors[turn], $factors[turn + $factors_plane]));
#end
#if inverse
    x = swapped(x);
#end
#if scaled
    x = Complex(x.re * $scale, x.im * $scale);
#end
    let at = line * $line + place;
    result[at] = x.re;
    result[at + $plane] = x.im;
}
