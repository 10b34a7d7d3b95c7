// Running totals along rows. One invocation goes through one row, or through one span of it: then
// an earlier kernel has added up the spans, and `before` has what stands before each.
//
// What comes near an element is added up apart from what is far, by so many elements: rounding
// errors grow with the square root of a row's length at most.

const LENGTH = $length;
const INNER = $inner;
const SPANS = $spans;
const SPAN = $span;
const NEAR = 64u;

// Where element j of a row lies; `INNER` rows lie beside one another.
fn place(row: u32, j: u32) -> u32 {
#if reversed
    return row / INNER * LENGTH * INNER + (LENGTH - 1u - j) * INNER + row % INNER;
#else
    return row / INNER * LENGTH * INNER + j * INNER + row % INNER;
#end
}

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let line = id.y * $row + id.x;
    if line >= $count {
        return;
    }
    let row = line / SPANS;
    let begin = line % SPANS * SPAN;
    let end = min(begin + SPAN, LENGTH);
#if continues
    var far = before(line);
#else
    var far = nothing();
#end
    var near = nothing();
    for (var j = begin; j < end; j += 1u) {
        if (j - begin) % NEAR == 0u {
            far = joined(far, near);
            near = nothing();
        }
        let at = place(row, j);
#if exclusive
        put(at, joined(far, near));
#end
        near = joined(near, item(at));
#if inclusive
        put(at, joined(far, near));
#end
    }
#if adds_up
    put(line, joined(far, near));
#end
}
