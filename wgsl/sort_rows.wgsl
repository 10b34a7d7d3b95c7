// Rows of `LENGTH` elements, `INNER` of which lie beside one another in the operand and the result;
// in temporaries each row is contiguous.

const LENGTH = $length;
const INNER = $inner;

fn place(row: u32, j: u32) -> u32 {
    return row / INNER * LENGTH * INNER + j * INNER + row % INNER;
}

// Element j of a row as a word, and where in its row it stood at first.
fn word(row: u32, j: u32) -> u32 {
#if first
    return word_of(load(place(row, j)));
#else
    return $buffer[(row * LENGTH + j) * $words];
#end
}

fn origin(row: u32, j: u32) -> u32 {
#if remembered
    return $buffer[(row * LENGTH + j) * $words + 1u];
#else
    return j;
#end
}

fn put(row: u32, j: u32, word: u32, origin: u32) {
#if finishes
    let at = place(row, j);
    result[at] = finish(at, $value);
#else
    let at = row * LENGTH + j;
#if pairs
    result[2u * at] = word;
    result[2u * at + 1u] = origin;
#else
    result[at] = $kept;
#end
#end
}
