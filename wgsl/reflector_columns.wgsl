// A panel's reflectors applied to the columns right of it (or, in the opposite order, to those that
// become Q): a workgroup for some columns, several invocations for each of them.

const TOGETHER = 8u;
const LANES = WORKGROUP / TOGETHER;
var<workgroup> parts: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let first = $first;
    let last = min(first + PANEL, STEPS);
#if backward
    let begin = COLUMNS;
    let end = WIDTH;
#else
    let begin = last;
    let end = COLUMNS;
#end
    let blocks = (end - begin + TOGETHER - 1u) / TOGETHER;
    let number = group.y * GRID + group.x;
    let matrix = number / blocks;
    if matrix >= COUNT {
        return;
    }
    let column = begin + number % blocks * TOGETHER + local % TOGETHER;
    let lane = local / TOGETHER;
    for (var step = first; step < last; step += 1u) {
#if backward
        let k = last - 1u - (step - first);
#else
        let k = step;
#end
        // Rows are the same invocation's in all steps.
        let start = k + (lane + LANES - k % LANES) % LANES;
        var sum = 0.0;
        for (var row = start; row < ROWS; row += LANES) {
            let element = select(result[place(matrix, row, k)], 1.0, row == k);
            sum += element * result[place(matrix, row, column)];
        }
        parts[local] = sum;
        workgroupBarrier();
        sum = 0.0;
        for (var other = 0u; other < LANES; other += 1u) {
            sum += parts[other * TOGETHER + local % TOGETHER];
        }
        sum *= result[place(matrix, k, STRIDE - 1u)];
        workgroupBarrier();
        if column < end {
            for (var row = start; row < ROWS; row += LANES) {
                let element = select(result[place(matrix, row, k)], 1.0, row == k);
                result[place(matrix, row, column)] -= element * sum;
            }
        }
    }
}
