// The update whose number was left here, else what was there before.

fn moved(i: u32) -> $value {
    let mark = marks(i);
    if mark == 0u {
        return data(i);
    }
    return updates((i / (INNER * LENGTH) * COUNT + mark - 1u) * INNER + i % INNER);
}
