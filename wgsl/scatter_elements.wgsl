// The first operand, with the update whose number along the axis is in `winner` where there is one.

fn moved(i: u32) -> $value {
    let number = winner(i);
    if number == 0u {
        return load_0(i);
    }
    return load_2((i / (INNER * LENGTH) * COUNT + number - 1u) * INNER + i % INNER);
}
