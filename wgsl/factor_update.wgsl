// What is below a panel and to the right of it, less the product of the panel's part of L and its
// rows: four rows of one column for each invocation. Rows past the end are computed from whatever
// the index leads to, and not stored.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
    let first = $first;
    let last = min(first + PANEL, COLUMNS);
    let columns = WIDTH - last;
    let blocks = (ROWS - last + 3u) / 4u;
    let number = (group.y * GRID + group.x) * WORKGROUP + local;
    let column = last + number % columns;
    let row = last + number / columns % blocks * 4u;
    let matrix = number / columns / blocks;
    if matrix >= COUNT {
        return;
    }
    var sums = vec4<f32>();
    for (var k = first; k < last; k += 1u) {
#if symmetric
        let factor = result[place(matrix, column, k)];
#else
        let factor = result[place(matrix, k, column)];
#end
        let at = place(matrix, row, k);
        sums += factor * vec4<f32>(
            result[at], result[at + STRIDE], result[at + 2u * STRIDE], result[at + 3u * STRIDE],
        );
    }
#for r in 4
#if symmetric
    if row + $ru < ROWS && column <= row + $ru {
#else
    if row + $ru < ROWS {
#end
        result[place(matrix, row + $ru, column)] -= sums[$r];
    }
#end
}
