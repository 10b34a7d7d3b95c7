// One invocation computes one element; or four neighbours, where their number is a multiple of
// four, or where the result's elements are so narrow that four share a word.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= $count {
        return;
    }
    result[i] = $stored;
}
