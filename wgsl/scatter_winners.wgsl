// Which row of indices is the last one that leads to a place, counted from 1: rows of `DEPTH` lead
// through axes of `LENGTH_0`, …. The maximum does not depend on who comes first.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= $count {
        return;
    }
    var at = 0u;
#for k in depth
    at = at * LENGTH_$k + within(load_1(i * DEPTH + $ku), LENGTH_$k);
#end
    atomicMax(&result[at], i + 1u);
}
