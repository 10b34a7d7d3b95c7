// One pass of Stockham's Fourier transform: an invocation transforms $radix numbers that lie a
// $radix-th of the line apart, and puts them where the next pass wants them. Lines have several
// transforms side by side where the axis is not the last one.

struct Complex {
    re: f32,
    im: f32,
}

fn plus(a: Complex, b: Complex) -> Complex {
    return Complex(a.re + b.re, a.im + b.im);
}

fn minus(a: Complex, b: Complex) -> Complex {
    return Complex(a.re - b.re, a.im - b.im);
}

fn times(a: Complex, b: Complex) -> Complex {
    return Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
}

fn rotated(a: Complex, cosine: f32, sine: f32) -> Complex {
    return Complex(a.re * cosine - a.im * sine, a.re * sine + a.im * cosine);
}

// Multiplied by -i.
fn turned(a: Complex) -> Complex {
    return Complex(a.im, -a.re);
}

fn swapped(a: Complex) -> Complex {
    return Complex(a.im, a.re);
}

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= $count {
        return;
    }
    let line = i / $apart;
    let place = i % $apart;
    let inside = place % $done;
    var x: array<Complex, $radix>;
#for leg in radix
    x[$leg] = take(line, place + $legu * $apart);
#end
#if twiddled
#for leg in twiddles
    x[$leg + 1] = times(x[$leg + 1], root($leg, inside));
#end
#end
    x = transformed(x);
    let first = (place - inside) * $radix + inside;
#for leg in radix
    put(line, first + $legu * $done, x[$leg]);
#end
}
