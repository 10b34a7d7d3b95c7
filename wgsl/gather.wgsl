// Elements of the first operand along an axis of `LENGTH`, at the `COUNT` indices in the second
// one; `INNER` elements (or vectors) follow one another at each.

fn within(index: $index) -> u32 {
#if signed
    let last = i32(LENGTH) - 1;
    return u32(clamp(select(index, index + last + 1, index < 0), 0, last));
#else
    return min(index, LENGTH - 1u);
#end
}

fn moved(i: u32) -> $value {
    let place = i / INNER;
    let index = within(load_1(place % COUNT));
    return load_0((place / COUNT * LENGTH + index) * INNER + i % INNER);
}
