// A workgroup goes through one row (or one span of it) together, for hardware GPUs: each invocation
// looks at every $workgroup-th element, and what they found is compared in workgroup memory.
//
// `line` is the same for all invocations of a workgroup, so that all of them meet every barrier.

var<workgroup> found: array<element, $workgroup>;
var<workgroup> found_at: array<u32, $workgroup>;

@compute @workgroup_size($workgroup)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let line = group.y * $row + group.x;
    if line >= $count {
        return;
    }
$search
    found[local] = best;
    found_at[local] = best_at;
    workgroupBarrier();
    for (var half = $workgroup / 2u; half > 0u; half /= 2u) {
        if local < half {
            let x = found[local + half];
            let at = found_at[local + half];
            if precedes(x, at, found[local], found_at[local]) {
                found[local] = x;
                found_at[local] = at;
            }
        }
        workgroupBarrier();
    }
    if local == 0u {
        result[line] = finish(line, i32(found_at[0]));
    }
}
