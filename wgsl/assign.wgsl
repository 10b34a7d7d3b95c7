// The first operand, with the second one at every `STEP_0`-th of `SIZE_0` places along each axis,
// from where the third one has under the axis' number on. Axes (those of which all is replaced
// joined with the one before them) are numbered from the last one, which counts elements or vectors.

fn moved(i: u32) -> $value {
    var rest = i;
    var chosen = 0u;
#for d in axes
    let begin_$d = u32(load_2(AXIS_$d)) * JOINED_$d / PER_$d;
    // Before the begin this wraps around to more than any axis has.
    let offset_$d = rest % WHOLE_$d - begin_$d;
    rest /= WHOLE_$d;
    if offset_$d % STEP_$d != 0u || offset_$d / STEP_$d >= SIZE_$d {
        return load_0(i);
    }
    chosen += offset_$d / STEP_$d * STRIDE_$d;
#end
    return load_1(chosen);
}
