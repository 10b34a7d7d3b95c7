// A pass of radix sort looks at one digit of the keys. Rows are cut into blocks, one for each
// invocation: `counts` of a block's digits come first; when they have been added up in the order of
// digits, and of blocks within each, they say where each block puts its elements.

const DIGITS = $digits;
const BLOCKS = $blocks;
const BLOCK = $block;

fn digit(word: u32, shift: u32) -> u32 {
    return (key_of(word) >> shift) & (DIGITS - 1u);
}

fn counted(row: u32, block: u32, digit: u32) -> u32 {
    return (row * DIGITS + digit) * BLOCKS + block;
}

// Each invocation has its own, without barriers: in an array of functions they would be registers,
// which compilers take long over.
var<workgroup> counts: array<u32, DIGITS * $workgroup>;

@compute @workgroup_size($workgroup)
fn main(
    @builtin(global_invocation_id) id: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let line = id.y * $row + id.x;
    if line >= $count {
        return;
    }
    let shift = $shift;
    let row = line / BLOCKS;
    let block = line % BLOCKS;
    let begin = block * BLOCK;
    let end = min(begin + BLOCK, LENGTH);
#if scatters
    for (var d = 0u; d < DIGITS; d += 1u) {
        counts[d * $workgroup + local] = $offsets[counted(row, block, d)];
    }
    for (var j = begin; j < end; j += 1u) {
        let one = word(row, j);
        let own = digit(one, shift) * $workgroup + local;
        let rank = counts[own];
        counts[own] = rank + 1u;
        put(row, rank, one, origin(row, j));
    }
#else
    // WebGPU promises zeros; wgpu on lavapipe leaves what was there.
    for (var d = 0u; d < DIGITS; d += 1u) {
        counts[d * $workgroup + local] = 0u;
    }
    for (var j = begin; j < end; j += 1u) {
        counts[digit(word(row, j), shift) * $workgroup + local] += 1u;
    }
    for (var d = 0u; d < DIGITS; d += 1u) {
        result[counted(row, block, d)] = counts[d * $workgroup + local];
    }
#end
}
