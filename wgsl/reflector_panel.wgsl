// A panel of columns becomes columns of R, and below its diagonal the Householder reflectors that
// make it so (each without its first element, which is 1; their factors stand in the last column):
// one workgroup for each matrix.
//
// `matrix` and `first` are the same for all invocations of a workgroup, so that all of them meet
// every barrier.

var<workgroup> parts: array<f32, WORKGROUP * PANEL>;
var<workgroup> dots: array<f32, PANEL>;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let matrix = group.y * GRID + group.x;
    if matrix >= COUNT {
        return;
    }
    let first = $first;
    let last = min(first + PANEL, STEPS);
    for (var k = first; k < last; k += 1u) {
        // Squares of what is scaled neither overflow nor vanish.
        var largest = 0.0;
        for (var row = k + local; row < ROWS; row += WORKGROUP) {
            largest = max(largest, abs(result[place(matrix, row, k)]));
        }
        parts[local] = largest;
        workgroupBarrier();
        for (var other = 0u; other < WORKGROUP; other += 1u) {
            largest = max(largest, parts[other]);
        }
        let scale = select(largest, 1.0, largest == 0.0);
        workgroupBarrier();
        var squares = 0.0;
        for (var row = k + 1u + local; row < ROWS; row += WORKGROUP) {
            let scaled = result[place(matrix, row, k)] / scale;
            squares += scaled * scaled;
        }
        parts[local] = squares;
        workgroupBarrier();
        squares = 0.0;
        for (var other = 0u; other < WORKGROUP; other += 1u) {
            squares += parts[other];
        }
        let head = result[place(matrix, k, k)];
        let norm = scale * sqrt(head / scale * (head / scale) + squares);
        let diagonal = select(select(norm, -norm, head >= 0.0), head, squares == 0.0);
        let factor = select((diagonal - head) / diagonal, 0.0, squares == 0.0);
        let divisor = select(head - diagonal, 1.0, squares == 0.0);
        workgroupBarrier();
        if local == 0u {
            result[place(matrix, k, k)] = diagonal;
            result[place(matrix, k, STRIDE - 1u)] = factor;
        }
        // Rows are the same invocation's throughout a step.
        for (var row = k + 1u + local; row < ROWS; row += WORKGROUP) {
            result[place(matrix, row, k)] /= divisor;
        }
        for (var column = k + 1u; column < last; column += 1u) {
            var sum = 0.0;
            for (var row = k + 1u + local; row < ROWS; row += WORKGROUP) {
                sum += result[place(matrix, row, k)] * result[place(matrix, row, column)];
            }
            parts[(column - first) * WORKGROUP + local] = sum;
        }
        workgroupBarrier();
        let own = first + local;
        if own > k && own < last {
            var sum = result[place(matrix, k, own)];
            for (var other = 0u; other < WORKGROUP; other += 1u) {
                sum += parts[local * WORKGROUP + other];
            }
            dots[local] = factor * sum;
            result[place(matrix, k, own)] -= factor * sum;
        }
        workgroupBarrier();
        for (var row = k + 1u + local; row < ROWS; row += WORKGROUP) {
            let element = result[place(matrix, row, k)];
            for (var column = k + 1u; column < last; column += 1u) {
                result[place(matrix, row, column)] -= element * dots[column - first];
            }
        }
        storageBarrier();
        workgroupBarrier();
    }
}
