// Pooling: each invocation goes through one window. `combine` takes in an element; padding is none.

const ROWS_COUNTED = $rows_counted;
const COLUMNS_COUNTED = $columns_counted;

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * $row + id.x;
    if i >= $count {
        return;
    }
    let first_row = i / $width_out % $height_out * $stride_y;
    let first_column = i % $width_out * $stride_x;
    let image = i / ($width_out * $height_out);
    let plane = $x_offset + image / $channels * $x_batch + image % $channels * $x_channel;
    var total = $initial;
    for (var ky = 0u; ky < $window_height; ky += 1u) {
        // Below zero wraps around to far past the data.
        let row = first_row + ky * $dilation_y - $top;
        if row >= $height_in {
            continue;
        }
        for (var kx = 0u; kx < $window_width; kx += 1u) {
            let column = first_column + kx * $dilation_x - $left;
            if column < $width_in {
                total = combine(total, load_0(plane + row * $x_row + column * $x_column));
            }
        }
    }
#if average
    var rows = 0u;
    for (var ky = 0u; ky < $window_height; ky += 1u) {
        rows += select(0u, 1u, first_row + ky * $dilation_y - $uncounted_rows < ROWS_COUNTED);
    }
    var columns = 0u;
    for (var kx = 0u; kx < $window_width; kx += 1u) {
        columns += select(0u, 1u, first_column + kx * $dilation_x - $uncounted_columns < COLUMNS_COUNTED);
    }
    total /= $type(rows * columns);
#end
#if rooted
    total = sqrt(total);
#end
    result[i] = finish(i, total);
}
