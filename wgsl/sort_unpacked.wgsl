// Elements of the result, from words that rows have one behind another.

const LENGTH = $length;
const INNER = $inner;

fn element(i: u32) -> $returned {
    let row = i / (LENGTH * INNER) * INNER + i % INNER;
    let word = $buffer[row * LENGTH + i / INNER % LENGTH];
    return finish(i, $value);
}
