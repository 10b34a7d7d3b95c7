// softmax(Q·Kᵀ)·V for hardware GPUs: a workgroup computes TILE queries of one head, one for each
// invocation, and goes through keys and values in tiles of workgroup memory.
//
// Every invocation runs every barrier: those past the last query compute it again, and only stores
// are guarded.

const TILE_KEYS = $tile_keys;

var<workgroup> key_tile: array<vec4f, TILE_KEYS * $query_vectors>;
var<workgroup> value_tile: array<vec4f, TILE_KEYS * $value_vectors>;

@compute @workgroup_size($workgroup)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let own = group.y * $row + group.x;
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
    let row_0 = min(first_row + local, LENGTH - 1u);
    var query_0: array<vec4f, $query_vectors>;
    for (var e = 0u; e < $query_vectors; e += 1u) {
        query_0[e] = scaled(e, query_four(query_base + row_0 * QUERY_STRIDE, e));
    }
    var top_0 = LOWEST;
    var total_0 = 0.0;
    var sum_0: array<vec4f, $value_vectors>;
#if causal
    let end = min(KEYS, first_row + TILE);
#else
    let end = KEYS;
#end
    for (var first_key = 0u; first_key < end; first_key += TILE_KEYS) {
        let last_key = min(first_key + TILE_KEYS, end);
        for (var i = local; i < TILE_KEYS * $query_vectors; i += $workgroup) {
            let key = min(first_key + i / $query_vectors, KEYS - 1u);
            key_tile[i] = key_four(key_base + key * KEY_STRIDE, i % $query_vectors);
        }
        for (var i = local; i < TILE_KEYS * $value_vectors; i += $workgroup) {
            let key = min(first_key + i / $value_vectors, KEYS - 1u);
            value_tile[i] = value_four(value_base + key * VALUE_STRIDE, i % $value_vectors);
        }
        workgroupBarrier();
        let whole = first_key + (last_key - first_key) / $keys * $keys;
        for (var j = first_key; j < whole; j += $keys) {
$block
        }
        for (var j = whole; j < last_key; j += 1u) {
$single
        }
        workgroupBarrier();
    }
    if wanted < HEADS * TILES && own < BAND && first_row + local < LENGTH {
        let share = 1.0 / select(total_0, 1.0, total_0 == 0.0);
        for (var c = 0u; c < $value_vectors; c += 1u) {
            store_four(head, row_0, c, sum_0[c] * share);
        }
    }
}
