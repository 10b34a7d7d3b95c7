// A number of the operand, which may be shorter than the transform, or the first half of what is
// mirrored.

fn take(line: u32, place: u32) -> Complex {
#if hermitian
    let number = place / $inner;
    let mirrored = 2u * number > $length;
    let origin = select(place, ($length - number) * $inner + place % $inner, mirrored);
#else
    let origin = place;
#end
#if shorter
    if origin >= $taken {
        return Complex();
    }
#end
    let at = line * $given + origin;
#if imaginary
    var x = Complex(load_0(at), load_1(at));
#else
    var x = Complex(load_0(at), 0.0);
#end
#if hermitian
    if 2u * number % $length == 0u {
        x.im = 0.0;
    }
    x.im = select(x.im, -x.im, mirrored);
#end
#if inverse
    x = swapped(x);
#end
#if chirped
    let turn = place / $inner;
    x = times(x, Complex($chirp[turn], $chirp[turn + $chirp_plane]));
#end
    return x;
}
