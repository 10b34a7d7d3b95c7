// Elements of the first operand along an axis of `LENGTH`, at the `COUNT` indices in the second
// one; `INNER` elements (or vectors) follow one another at each.

fn moved(i: u32) -> $value {
    let place = i / INNER;
    let index = within(load_1(place % COUNT));
    return load_0((place / COUNT * LENGTH + index) * INNER + i % INNER);
}
