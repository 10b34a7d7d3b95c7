// A block of rows of the solution of U · X = B, where the rows below it are solved: an invocation
// for each element takes away what those contribute, one for each column goes through the block.
// X takes the place of B, in the columns from `COLUMNS` to `WIDTH`.

const TOGETHER = WORKGROUP / PANEL;
var<workgroup> rest: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let first = $first;
    let last = min(first + PANEL, COLUMNS);
    let blocks = (WIDTH - COLUMNS + TOGETHER - 1u) / TOGETHER;
    let number = group.y * GRID + group.x;
    let matrix = number / blocks;
    if matrix >= COUNT {
        return;
    }
    let column = COLUMNS + number % blocks * TOGETHER + local % TOGETHER;
    let row = first + local / TOGETHER;
    if row < last && column < WIDTH {
        var sum = result[place(matrix, row, column)];
        for (var k = last; k < COLUMNS; k += 1u) {
            sum -= result[place(matrix, row, k)] * result[place(matrix, k, column)];
        }
        rest[local] = sum;
    }
    workgroupBarrier();
    if local < TOGETHER && column < WIDTH {
        for (var after = last; after > first; after -= 1u) {
            let k = after - 1u;
            var value = rest[(k - first) * TOGETHER + local];
            for (var known = after; known < last; known += 1u) {
                value -= result[place(matrix, k, known)] * rest[(known - first) * TOGETHER + local];
            }
            let pivot = result[place(matrix, k, k)];
            value = select(value / pivot, not_a_number_f32(), pivot == 0.0);
            rest[(k - first) * TOGETHER + local] = value;
            result[place(matrix, k, column)] = value;
        }
    }
}
