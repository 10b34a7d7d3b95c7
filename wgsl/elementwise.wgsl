// One invocation computes one element; or four neighbours, where their number is a multiple of
// four; or those that share a word of the result. Cheap ones take $each such places.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let invocation = id.y * $row + id.x;
    if invocation >= $invocations {
        return;
    }
#for j in each
    {
        let i = invocation * $each + $j;
        result[i] = $stored;
    }
#end
}
