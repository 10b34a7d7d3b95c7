// C = A·B through workgroup memory, for hardware GPUs: a workgroup computes a tile of
// TILE_M × TILE_N of C, in steps of TILE_K; each invocation $rows rows × one vector of it.
//
// Every invocation runs every barrier: tiles past the edge are filled with zeros instead of left
// early, and only stores are guarded (a return before a barrier is undefined behaviour).

const TILE_M = $tile_m;
const TILE_N_VECTORS = $tile_n_vectors;
const TILE_K = 16u;
const TILE_K_VECTORS = 4u;
const INVOCATIONS = $invocations;

var<workgroup> a_tile: array<vector, TILE_M * TILE_K_VECTORS>;
var<workgroup> b_tile: array<vector, TILE_K * TILE_N_VECTORS>;

fn a_or_zero(base: u32, row: u32, k: u32) -> vector {
    if row >= M || k >= K {
        return vector();
    }
    let line = a_line(base, row);
    if k + 4u <= K {
        return a_four(line, k);
    }
    var result = vector();
    for (var j = 0u; k + j < K; j += 1u) {
        result[j] = a_one(line, k + j);
    }
    return result;
}

fn b_or_zero(base: u32, k: u32, column: u32) -> vector {
    if k >= K || column >= N_VECTORS {
        return vector();
    }
    return b_four(b_line(base, k), column);
}

@compute @workgroup_size($workgroup_x, $workgroup_y)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) index: u32,
    @builtin(num_workgroups) groups: vec3u,
) {
    let first_row = group.y * TILE_M;
    let first_column = group.x * TILE_N_VECTORS;
#if many_batches
    for (var batch = group.z; batch < BATCH; batch += groups.z) {
#else
    {
        let batch = group.z;
#end
        let a_base = a_offset(batch);
        let b_base = b_offset(batch);
#for r in rows
        var sum_$r = vector();
#end
        for (var k = 0u; k < K; k += TILE_K) {
            for (var i = index; i < TILE_M * TILE_K_VECTORS; i += INVOCATIONS) {
                a_tile[i] = a_or_zero(a_base, first_row + i / TILE_K_VECTORS, k + (i % TILE_K_VECTORS) * 4u);
            }
            for (var i = index; i < TILE_K * TILE_N_VECTORS; i += INVOCATIONS) {
                b_tile[i] = b_or_zero(b_base, k + i / TILE_N_VECTORS, first_column + i % TILE_N_VECTORS);
            }
            workgroupBarrier();
            for (var v = 0u; v < TILE_K_VECTORS; v += 1u) {
#for j in 4
                let b_$j = b_tile[(v * 4u + $j) * TILE_N_VECTORS + local.x];
#end
#for r in rows
                let a_$r = a_tile[(local.y * $rows + $r) * TILE_K_VECTORS + v];
                sum_$r += a_$r.x * b_0 + a_$r.y * b_1 + a_$r.z * b_2 + a_$r.w * b_3;
#end
            }
            workgroupBarrier();
        }
#for r in rows
        store_c(batch, first_row + local.y * $rows + $r, first_column + local.x, sum_$r);
#end
    }
}
