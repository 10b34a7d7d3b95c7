// The place on an axis of `length` that an index means: negative ones count from the end, those
// outside are clamped.
fn within(index: $index, length: u32) -> u32 {
#if signed
    let last = i32(length) - 1;
    return u32(clamp(select(index, index + last + 1, index < 0), 0, last));
#else
    return min(index, length - 1u);
#end
}
