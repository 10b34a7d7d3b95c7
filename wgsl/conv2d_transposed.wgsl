// Transposed convolution, gathered: each invocation computes one position of the result, for
// $channels output channels, from the positions of the data that reach it.

#for c in channels
    var sum_$c = element();
#end
    for (var ky = 0u; ky < $kernel_height; ky += 1u) {
        // Below zero wraps around to far past the data.
        let down = row + TOP - ky * DILATION_Y;
        if down % STRIDE_Y != 0u || down / STRIDE_Y >= HEIGHT_IN {
            continue;
        }
        for (var kx = 0u; kx < $kernel_width; kx += 1u) {
            let across = column + LEFT - kx * DILATION_X;
            if across % STRIDE_X != 0u || across / STRIDE_X >= WIDTH_IN {
                continue;
            }
            let data = plane + down / STRIDE_Y * X_ROW + across / STRIDE_X * X_COLUMN;
            let tap = ky * W_ROW + kx * W_COLUMN;
            for (var k = 0u; k < CHANNELS_IN; k += 1u) {
                let x = load_0(data + k * X_CHANNEL);
#for c in channels
                sum_$c += x * load_1(filter_$c + tap + k * W_IN);
#end
            }
        }
    }
#for c in channels
    store(place + $c * HEIGHT_OUT * WIDTH_OUT, channel + $c, row, sum_$c);
#end
}
