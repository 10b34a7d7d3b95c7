// One invocation goes through one row (or one span of it): a pass for each statistic of the row,
// and where there is a result for each element another one.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let row = id.y * $row + id.x;
    if row >= $count {
        return;
    }
    let base = kept(row / SPANS);
    let place = kept_place(row / SPANS);
    let begin = row % SPANS * SPAN;
    let end = min(begin + SPAN, LENGTH);
$passes
#if maps
    for (var j = 0u; j < LENGTH; j += 1u) {
        let at = place + reduced_place(j);
        result[at] = finish(at, mapped($element$statistics));
    }
#else
    result[row] = finish(row, s0);
#end
}
