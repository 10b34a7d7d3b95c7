// Parts of the first operand: a row of `DEPTH` indices in the second one leads through its first
// axes, of `LENGTH_0`, …; `INNER` elements (or vectors) follow one another at each place.

fn moved(i: u32) -> $value {
    let row = i / INNER * DEPTH;
    var at = 0u;
#for k in depth
    at = at * LENGTH_$k + within(load_1(row + $ku), LENGTH_$k);
#end
    return load_0(at * INNER + i % INNER);
}
