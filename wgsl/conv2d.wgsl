// Convolution from registers alone: each invocation computes $rows rows of one column of the
// result, for $channels output channels. A column of inputs serves all taps of its kernel column
// and all channels; neighbouring invocations have neighbouring columns, so that their loads are
// neighbours too.
//
// Rows and columns past the data are loaded from wherever the index leads (WGSL keeps it inside the
// buffer) and replaced by zeros; those past the result are computed and not stored.

#for r in rows
#for c in channels
    var sum_$r_$c = element();
#end
#end
    for (var kx = 0u; kx < $kernel_width; kx += 1u) {
        // Below zero wraps around to far past the data.
        let x = column * STRIDE_X + kx * DILATION_X - LEFT;
        for (var step = 0u; step < $kernel_height; step += $taps) {
            let y = row * STRIDE_Y + step * DILATION_Y - TOP;
#for r in rows_in
            let inside_$r = (y + $r < HEIGHT_IN) & (x < WIDTH_IN);
#end
            var at = plane + y * X_ROW + x * X_COLUMN;
            var tap = step * W_ROW + kx * W_COLUMN;
            for (var k = 0u; k < CHANNELS_IN; k += 1u) {
                let data = array<element, $rows_in>(
#for r in rows_in
#if padded
                    select(element(), load_0(at + $r * X_ROW), inside_$r),
#else
                    load_0(at + $r * X_ROW),
#end
#end
                );
#for c in channels
                let w_$c = array<element, $taps>(
#for t in taps
                    load_1(filter_$c + tap + $t * W_ROW),
#end
                );
#end
#for r in rows
#for c in channels
                sum_$r_$c =
#for t in taps
                    data[$r * STRIDE_Y + $t * DILATION_Y] * w_$c[$t] +
#end
                    sum_$r_$c;
#end
#end
                at += X_CHANNEL;
                tap += W_IN;
            }
        }
    }
#for c in channels
#for r in rows
    store(place + ($c * HEIGHT_OUT + $r) * WIDTH_OUT, channel + $c, row + $r, sum_$r_$c);
#end
#end
}
