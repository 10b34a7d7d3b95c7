// C = A·B from registers alone: each invocation computes $rows rows × $columns vectors of C.
// For adapters on which workgroup memory and barriers are dear (software ones above all).
// Rows and columns past the edge are computed from clamped addresses and not stored.

@compute @workgroup_size($workgroup_x, $workgroup_y)
fn main(
    @builtin(global_invocation_id) id: vec3u,
    @builtin(num_workgroups) groups: vec3u,
) {
    let row = id.y * $rows;
    let column = id.x * $columns;
    if row >= M || column >= N_VECTORS {
        return;
    }
#for r in rows
    let row_$r = min(row + $r, M - 1u);
#end
#for c in columns
    let column_$c = min(column + $c, N_VECTORS - 1u);
#end
#if many_batches
    for (var batch = id.z; batch < BATCH; batch += groups.z) {
#else
    {
        let batch = id.z;
#end
        let a_base = a_offset(batch);
        let b_base = b_offset(batch);
#for r in rows
        let a_line_$r = a_line(a_base, row_$r);
#end
#for r in rows
#for c in columns
        var sum_$r_$c = vector();
#end
#end
        for (var k = 0u; k < K_WHOLE; k += 4u) {
            let line = b_line(b_base, k);
#for c in columns
            let b_$c = b_block(line, column_$c);
#end
#for r in rows
            let a_$r = a_four(a_line_$r, k);
#for c in columns
            sum_$r_$c += a_$r.x * b_$c[0] + a_$r.y * b_$c[1] + a_$r.z * b_$c[2] + a_$r.w * b_$c[3];
#end
#end
        }
#if k_rest
        for (var k = K_WHOLE; k < K; k += 1u) {
            let line = b_line(b_base, k);
#for c in columns
            let b_$c = b_four(line, column_$c);
#end
#for r in rows
            let a_$r = a_one(a_line_$r, k);
#for c in columns
            sum_$r_$c += a_$r * b_$c;
#end
#end
        }
#end
#for r in rows
#for c in columns
        store_c(batch, row + $r, column + $c, sum_$r_$c);
#end
#end
    }
}
