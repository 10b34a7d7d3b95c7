// Negative indices count from the end of an axis of `LENGTH`; those outside of it are clamped.
fn within(index: $index) -> u32 {
#if signed
    let last = i32(LENGTH) - 1;
    return u32(clamp(select(index, index + last + 1, index < 0), 0, last));
#else
    return min(index, LENGTH - 1u);
#end
}
