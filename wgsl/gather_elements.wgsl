// Elements of the first operand: at each place the one whose place along an axis of `LENGTH` is in
// the second operand, which has `COUNT` along it; `INNER` elements follow one another at each.

fn moved(i: u32) -> $value {
    let place = i / INNER;
    let index = within(load_1(i), LENGTH);
    return load_0((place / COUNT * LENGTH + index) * INNER + i % INNER);
}
