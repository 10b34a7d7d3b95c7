// The first operand, with a part of the third one at each place to which a row of indices leads:
// `winner` has the number of the last such row, counted from 1, and 0 where there is none.
// `INNER` elements (or vectors) follow one another at each place.

fn moved(i: u32) -> $value {
    let row = winner(i / INNER);
    if row == 0u {
        return load_0(i);
    }
    return load_2((row - 1u) * INNER + i % INNER);
}
