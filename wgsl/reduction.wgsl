// One invocation reduces one span of one output: outputs × spans invocations. Where there are
// several spans, a second pass of the same kernel reduces their results.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= $count {
        return;
    }
    let base = kept(i / $spans);
    let begin = (i % $spans) * $span;
    let end = min(begin + $span, $length);
    var accumulator = operand[base + reduced(begin)];
    for (var j = begin + 1u; j < end; j += 1u) {
        let value = operand[base + reduced(j)];
        accumulator = $combine;
    }
    result[i] = accumulator;
}
