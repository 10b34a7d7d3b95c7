// Running totals along rows. One invocation goes through one row, or through one span of it: then
// an earlier kernel has added up the spans, and `before` has what stands before each.
//
// What comes near an element is added up apart from what is far, by so many elements: rounding
// errors grow with the square root of a row's length at most. `INNER` rows lie beside one another.

const LENGTH = $length;
const INNER = $inner;
const SPANS = $spans;
const SPAN = $span;
const NEAR = 64u;

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
    let base = row / INNER * LENGTH * INNER + row % INNER;
    for (var j = begin; j < end;) {
        let stop = min(j + NEAR, end);
        var near = nothing();
        for (; j < stop; j += 1u) {
#if reversed
            let at = base + (LENGTH - 1u - j) * INNER;
#else
            let at = base + j * INNER;
#end
#if exclusive
            put(at, joined(far, near));
#end
            near = joined(near, item(at));
#if inclusive
            put(at, joined(far, near));
#end
        }
        far = joined(far, near);
    }
#if adds_up
    put(line, far);
#end
}
