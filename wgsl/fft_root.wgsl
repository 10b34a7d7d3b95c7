// The root of unity of leg number `leg` + 1 of the pass.

fn root(leg: u32, inside: u32) -> Complex {
    let at = leg * $turns + inside / $inner;
    return Complex($roots[at], $roots[at + $roots_plane]);
}
