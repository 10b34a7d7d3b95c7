// What both convolutions have in common: their numbers, and which part an invocation computes.
// `load_0` yields elements of the data, `load_1` of the filter.

alias element = $type;

const WIDTH_IN = $width_in;
const HEIGHT_IN = $height_in;
const CHANNELS_IN = $channels_in;
const WIDTH_OUT = $width_out;
const HEIGHT_OUT = $height_out;
const CHANNELS_OUT = $channels_out;
const CHANNELS_OUT_ALL = $channels_out_all;
const STRIDE_Y = $stride_y;
const STRIDE_X = $stride_x;
const DILATION_Y = $dilation_y;
const DILATION_X = $dilation_x;
const TOP = $top;
const LEFT = $left;
const ROW_BLOCKS = $row_blocks;
const CHANNEL_BLOCKS = $channel_blocks;
const INVOCATIONS = $invocations;
// How the operands lie: elements between neighbours along each axis.
const X_OFFSET = $x_offset;
const X_BATCH = $x_batch;
const X_CHANNEL = $x_channel;
const X_ROW = $x_row;
const X_COLUMN = $x_column;
const W_OFFSET = $w_offset;
const W_GROUP = $w_group;
const W_OUT = $w_out;
const W_IN = $w_in;
const W_ROW = $w_row;
const W_COLUMN = $w_column;

fn store(at: u32, channel: u32, row: u32, sum: element) {
#if whole_blocks
    result[at] = finish(at, sum);
#else
    if (channel < CHANNELS_OUT) & (row < HEIGHT_OUT) {
        result[at] = finish(at, sum);
    }
#end
}

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = $first + id.y * $row + id.x;
    if i >= INVOCATIONS {
        return;
    }
    let column = i % WIDTH_OUT;
    let row = i / WIDTH_OUT % ROW_BLOCKS * $rows;
    let block = i / (WIDTH_OUT * ROW_BLOCKS);
    let group = block / CHANNEL_BLOCKS % $groups;
    let channel = block % CHANNEL_BLOCKS * $channels;
    let batch = block / (CHANNEL_BLOCKS * $groups);
#for c in channels
    let filter_$c = W_OFFSET + group * W_GROUP + min(channel + $c, CHANNELS_OUT - 1u) * W_OUT;
#end
    let plane = X_OFFSET + batch * X_BATCH + group * CHANNELS_IN * X_CHANNEL;
    let place = ((batch * CHANNELS_OUT_ALL + group * CHANNELS_OUT + channel) * HEIGHT_OUT + row) * WIDTH_OUT + column;
