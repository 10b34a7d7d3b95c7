// What both attention kernels share: where heads and positions lie, and what happens to scores.

const LENGTH = $length;
const KEYS = $key_count;
const ROWS_TOTAL = $rows_total;
// Lower than every score that is not an infinity; a difference with it is no NaN.
const LOWEST = -3.4e38f;
const MINUS_INFINITY = 0xff800000u;

$offsets

fn query_four(i: u32, at: u32) -> vec4f {
    return $query_vector * $scale;
}

fn key_four(at: u32, lane: u32) -> vec4f {
    return $key_vector;
}

fn key_rest(at: u32) -> vec4f {
    return $key_rest;
}

fn query_rest(i: u32, at: u32) -> vec4f {
    return $query_rest * $scale;
}
