// One invocation computes one element; or four neighbours, where their number is a multiple of
// four; or those that share a word of the result.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= $count {
        return;
    }
    result[i] = $stored;
}
