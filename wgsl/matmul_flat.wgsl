// C = A·B for few rows, where reading B is all the work: a workgroup computes $rows rows of
// GROUP_VECTORS vectors, and its invocations share K, so that many of them read B at once.
//
// Every invocation runs every barrier: what lies past the edge is clamped, and only stores are
// guarded.

const GROUP_VECTORS = $workgroup_x;
const SLICES = $workgroup_y;

var<workgroup> partial: array<vector, $invocations>;

@compute @workgroup_size($workgroup_x, $workgroup_y)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(num_workgroups) groups: vec3u,
) {
    let row = group.y * $rows;
    let column = group.x * GROUP_VECTORS + local.x;
    let safe_column = min(column, N_VECTORS - 1u);
#for r in rows
    let row_$r = min(row + $r, M - 1u);
#end
#if many_batches
    for (var batch = group.z; batch < BATCH; batch += groups.z) {
#else
    {
        let batch = group.z;
#end
        let a_base = a_offset(batch);
        let b_base = b_offset(batch);
#for r in rows
        let a_line_$r = a_line(a_base, row_$r);
#end
#for r in rows
        var sum_$r = vector();
#end
        for (var k = local.y * 4u; k < K_WHOLE; k += SLICES * 4u) {
            let b = b_block(b_line(b_base, k), safe_column);
#for r in rows
            let a_$r = a_four(a_line_$r, k);
            sum_$r += a_$r.x * b[0] + a_$r.y * b[1] + a_$r.z * b[2] + a_$r.w * b[3];
#end
        }
#if k_rest
        for (var k = K_WHOLE + local.y; k < K; k += SLICES) {
            let b = b_four(b_line(b_base, k), safe_column);
#for r in rows
            sum_$r += a_one(a_line_$r, k) * b;
#end
        }
#end
#for r in rows
        partial[local.y * GROUP_VECTORS + local.x] = sum_$r;
        workgroupBarrier();
        for (var half = SLICES / 2u; half > 0u; half /= 2u) {
            if local.y < half {
                partial[local.y * GROUP_VECTORS + local.x] += partial[(local.y + half) * GROUP_VECTORS + local.x];
            }
            workgroupBarrier();
        }
        if local.y == 0u {
            store_c(batch, row + $r, column, partial[local.x]);
        }
        workgroupBarrier();
#end
    }
}
