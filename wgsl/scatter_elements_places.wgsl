// An index is a place along an axis of `LENGTH`; there are `COUNT` along it, and `INNER` elements
// follow one another at each.

fn place_of(i: u32) -> u32 {
    let place = i / INNER;
    return (place / COUNT * LENGTH + within(load_1(i), LENGTH)) * INNER + i % INNER;
}

fn number_of(i: u32) -> u32 {
    return i / INNER % COUNT + 1u;
}
