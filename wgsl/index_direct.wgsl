// One invocation goes through one row (or one span of it).

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let line = id.y * $row + id.x;
    if line >= $count {
        return;
    }
$search
    result[line] = finish(line, i32(best_at));
}
