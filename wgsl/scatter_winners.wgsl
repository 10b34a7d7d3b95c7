// Which update is the last one for each place, by its number (from 1 on): the maximum does not depend
// on who comes first.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= $count {
        return;
    }
    atomicMax(&result[place_of(i)], number_of(i));
}
