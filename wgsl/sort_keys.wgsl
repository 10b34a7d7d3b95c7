// Elements as words of `BITS` bits, and keys in their order: those of equal elements are equal.

const MASK = $mask;
const SIGN = $sign;
const LAST = $last;

fn word_of(x: $scalar) -> u32 {
    return $word;
}

fn value_of(word: u32) -> $scalar {
    return $value;
}

fn key_of(word: u32) -> u32 {
#if floating
    let magnitude = word & (MASK >> 1u);
    if magnitude > $infinity {
        return LAST;
    }
    // The larger the magnitude of a negative number, the earlier it comes; zeros are equal.
    let negative = (word & SIGN) != 0u && magnitude != 0u;
    let key = select(magnitude | SIGN, ~word & MASK, negative);
#else
    let key = word ^ SIGN;
#end
#if descending
    return MASK - key;
#else
    return key;
#end
}
