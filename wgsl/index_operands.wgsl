// What both kernels of argmax and argmin share. A row is what lies along the axis: `LENGTH`
// elements, `INNER` apart. The result is the place of the one that beats the others, and of equal
// ones the first.

const LENGTH = $length;
const INNER = $inner;
// A span of a row has so many candidates, at most; a row has so many.
const SPAN = $span;
const SPANS = $spans;
const CANDIDATES = $candidates;

alias element = $scalar;
alias elements = $value;
alias places = $places;

fn beats(x: element, best: element) -> bool {
#if floating
    return ($beats) | (is_nan_$type(x) & !is_nan_$type(best));
#else
    return $beats;
#end
}
#if wide

fn beats_wide(x: elements, best: elements) -> vec4<bool> {
#if floating
    return ($beats_wide) | (is_nan_$type_wide(x) & !is_nan_$type_wide(best));
#else
    return $beats_wide;
#end
}
#end

// Whether (x, at) comes before (best, best_at).
fn precedes(x: element, at: u32, best: element, best_at: u32) -> bool {
    return beats(x, best) | (!beats(best, x) & (at < best_at));
}

fn base(row: u32) -> u32 {
    return row / INNER * LENGTH * INNER + row % INNER;
}

// Place number j of a row that is worth a look: each, or what an earlier kernel found in its spans.
fn candidate(row: u32, j: u32) -> u32 {
#if joins
    return u32(found_in_spans(row * CANDIDATES + j));
#else
    return j;
#end
}
