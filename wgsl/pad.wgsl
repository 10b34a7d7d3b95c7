// More elements around the operand. Axes (those that lie behind one another joined) are numbered
// from the last one; `BEFORE_0` elements (or vectors) are added before it, which are taken
// from the edge, mirrored at it, or one constant.

fn moved(i: u32) -> $value {
    var rest = i;
    var at = 0u;
#for d in axes
    let place_$d = rest % WHOLE_$d;
    rest /= WHOLE_$d;
#if constant
    let from_$d = place_$d - BEFORE_$d;
    if from_$d >= SIZE_$d {
        return $value($fill);
    }
#else
    let offset_$d = i32(place_$d) - i32(BEFORE_$d);
    let last_$d = i32(SIZE_$d) - 1;
#if edge
    let from_$d = u32(clamp(offset_$d, 0, last_$d));
#else
    let from_$d = u32(last_$d - abs(last_$d - abs(offset_$d)));
#end
#end
    at += from_$d * STRIDE_$d;
#end
    return load_0(at);
}
