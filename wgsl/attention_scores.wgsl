// What both attention kernels share. A tile is $rows queries of one head; tiles are numbered along
// the positions, then the heads.

const LENGTH = $length;
const KEYS = $key_count;
const TILE = $tile;
const TILES = (LENGTH + TILE - 1u) / TILE;
const HEADS = $heads;
const BAND = $band;
const QUERY_STRIDE = $query_stride;
const KEY_STRIDE = $key_stride;
const VALUE_STRIDE = $value_stride;
const VALUE_SIZE = $value_size;
// Below every score that is finite; unlike an infinity it can be taken away from itself.
const LOWEST = -3.4028234e38f;

$offsets

fn scaled(i: u32, four: vec4f) -> vec4f {
    return four * $scale;
}
#if guarded

// Whether a score takes part: one that is minus infinity does not, whatever its value is.
fn takes_part(score: f32) -> bool {
    return bitcast<u32>(score) != 0xff800000u;
}

fn masked(score: f32, mask_base: u32, query: u32, key: u32) -> f32 {
    let excluded = -bitcast<f32>(inf_bits);
    var result = score;
#if causal
    result = select(excluded, result, key <= query);
#end
#if masks
    let at = mask_base + query * $mask_row_stride + key * $mask_key_stride;
#if adds
    result += $mask_element;
#else
    result = select(excluded, result, $mask_element);
#end
#end
    return result;
}
#end

fn store_four(head: u32, query: u32, column: u32, four: vec4f) {
#if vectors
    let at = (head * LENGTH + query) * (VALUE_SIZE / 4u) + column;
    result[at] = finish(at, four);
#else
    let first = 4u * column;
    let at = (head * LENGTH + query) * VALUE_SIZE + first;
    for (var lane = 0u; first + lane < VALUE_SIZE && lane < 4u; lane += 1u) {
        result[at + lane] = finish(at + lane, four[lane]);
    }
#end
}

