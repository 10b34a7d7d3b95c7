// A row of `DEPTH` indices leads through axes of `LENGTH_0`, … to a place.

fn place_of(i: u32) -> u32 {
    var at = 0u;
#for k in depth
    at = at * LENGTH_$k + within(load_1(i * DEPTH + $ku), LENGTH_$k);
#end
    return at;
}

fn number_of(i: u32) -> u32 {
    return i + 1u;
}
