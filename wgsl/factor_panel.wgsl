// A panel of columns becomes columns of the factors (of L and U with pivoting, else Cholesky's L),
// by one workgroup for each matrix.
//
// `matrix` and `first` are the same for all invocations of a workgroup, so that all of them meet
// every barrier.

#if pivots
var<workgroup> found: array<f32, WORKGROUP>;
var<workgroup> found_at: array<u32, WORKGROUP>;

#end
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
    let last = min(first + PANEL, COLUMNS);
    for (var k = first; k < last; k += 1u) {
#if pivots
        var best = -1.0;
        var best_at = k;
        for (var row = k + local; row < ROWS; row += WORKGROUP) {
            let size = abs(result[place(matrix, row, k)]);
            if size > best {
                best = size;
                best_at = row;
            }
        }
        found[local] = best;
        found_at[local] = best_at;
        workgroupBarrier();
        for (var other = 0u; other < WORKGROUP; other += 1u) {
            let nearer = found[other] == best && found_at[other] < best_at;
            if found[other] > best || nearer {
                best = found[other];
                best_at = found_at[other];
            }
        }
        if local < last - first {
            let here = place(matrix, k, first + local);
            let there = place(matrix, best_at, first + local);
            let value = result[here];
            result[here] = result[there];
            result[there] = value;
        }
        if local == 0u {
            result[place(matrix, k, STRIDE - 1u)] = f32(best_at);
        }
        storageBarrier();
        workgroupBarrier();
        let pivot = result[place(matrix, k, k)];
        for (var row = k + 1u + local; row < ROWS; row += WORKGROUP) {
            let here = place(matrix, row, k);
            // Where the largest one is zero, all of them are: the matrix is singular.
            let factor = select(result[here] / pivot, 0.0, pivot == 0.0);
            result[here] = factor;
            for (var column = k + 1u; column < last; column += 1u) {
                result[place(matrix, row, column)] -= factor * result[place(matrix, k, column)];
            }
        }
#else
        let square = result[place(matrix, k, k)];
        let pivot = select(not_a_number_f32(), sqrt(square), square > 0.0);
        workgroupBarrier();
        for (var row = k + local; row < ROWS; row += WORKGROUP) {
            let here = place(matrix, row, k);
            result[here] = select(result[here] / pivot, pivot, row == k);
        }
        storageBarrier();
        workgroupBarrier();
        for (var row = k + 1u + local; row < ROWS; row += WORKGROUP) {
            let factor = result[place(matrix, row, k)];
            for (var column = k + 1u; column < min(last, row + 1u); column += 1u) {
                result[place(matrix, row, column)] -= factor * result[place(matrix, column, k)];
            }
        }
#end
        storageBarrier();
        workgroupBarrier();
    }
}
