// Each update leaves its number along the axis, counted from 1, where it goes: the last one stays,
// in whatever order they run.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= UPDATES {
        return;
    }
    let place = i / INNER;
    let to = (place / COUNT * LENGTH + within(indices(i))) * INNER + i % INNER;
    atomicMax(&result[to], place % COUNT + 1u);
}
