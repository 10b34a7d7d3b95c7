// What a panel's pivots and its part of L make of its rows in the columns to the right of it: one
// invocation for each column.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
    let first = $first;
    let last = min(first + PANEL, COLUMNS);
    let number = (group.y * GRID + group.x) * WORKGROUP + local;
    let matrix = number / (WIDTH - last);
    let column = last + number % (WIDTH - last);
    if matrix >= COUNT {
        return;
    }
    for (var k = first; k < last; k += 1u) {
        let here = place(matrix, k, column);
        let there = place(matrix, u32(result[place(matrix, k, STRIDE - 1u)]), column);
        var value = result[there];
        result[there] = result[here];
        for (var before = first; before < k; before += 1u) {
            value -= result[place(matrix, k, before)] * result[place(matrix, before, column)];
        }
        result[here] = value;
    }
}
