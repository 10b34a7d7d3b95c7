// A workgroup goes through one row (or one span of it) together, for hardware GPUs and for rows
// that are long: each invocation takes every $workgroup-th element, and what they found is joined
// in workgroup memory.
//
// `row` is the same for all invocations of a workgroup, so that all of them meet every barrier.

var<workgroup> found: array<$scalar, $workgroup>;

@compute @workgroup_size($workgroup)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let row = group.y * $row + group.x;
    if row >= $count {
        return;
    }
    let base = kept(row / SPANS);
    let place = kept_place(row / SPANS);
    let begin = row % SPANS * SPAN;
    let end = min(begin + SPAN, LENGTH);
$passes
#if maps
    for (var j = local; j < LENGTH; j += $workgroup) {
        let at = place + reduced_place(j);
        result[at] = finish(at, mapped($element$statistics));
    }
#else
    if local == 0u {
        result[row] = finish(row, s0);
    }
#end
}
