// softmax(Q·Kᵀ)·V from registers alone: each invocation computes $rows queries of one head, its
// neighbours the next ones, so that they read the same keys and values at the same time. For
// adapters on which workgroup memory and barriers are dear (software ones above all).
//
// Invocations past the last tile compute it again and store nothing: on a software adapter, lanes
// that have ended make loads slow for their neighbours. Where the block has literal indices, the
// loops before and after it keep SwiftShader from taking the arrays apart into variables, with
// which it compiles for ten times as long and runs no faster.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let own = id.y * $row + id.x;
    let wanted = $first_tile + own;
    let tile = min(wanted, HEADS * TILES - 1u);
    let head = tile / TILES;
    let first_row = tile % TILES * TILE;
    let query_base = query_offset(head);
    let key_base = key_offset(head);
    let value_base = value_offset(head);
#if masks
    let mask_base = mask_offset(head);
#else
    let mask_base = 0u;
#end
#for r in rows
    let row_$r = min(first_row + $r, LENGTH - 1u);
    var query_$r: array<vec4f, $query_vectors>;
    for (var e = 0u; e < $query_vectors; e += 1u) {
        query_$r[e] = scaled(e, query_four(query_base + row_$r * QUERY_STRIDE, e));
    }
    var top_$r = LOWEST;
    var total_$r = 0.0;
    var sum_$r: array<vec4f, $value_vectors>;
#end
#if causal
    // Neighbours end together.
    let end = min(KEYS, (first_row / (4u * TILE) + 1u) * 4u * TILE);
#else
    let end = KEYS;
#end
    let whole = end / $keys * $keys;
    {
        for (var j = 0u; j < whole; j += $keys) {
$block
        }
#if rest
        for (var j = whole; j < end; j += 1u) {
$single
        }
#end
    }
    if own >= BAND || wanted >= HEADS * TILES {
        return;
    }
#for r in rows
    if first_row + $r < LENGTH {
        let share = 1.0 / select(total_$r, 1.0, total_$r == 0.0);
        for (var c = 0u; c < $value_vectors; c += 1u) {
            store_four(head, row_$r, c, sum_$r[c] * share);
        }
    }
#end
}
