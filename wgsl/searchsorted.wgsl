// How many of the `LENGTH` elements of `sorted_at`, which ascend, come before the one at i; those
// that are equal to it count where `right`.

fn precedes(x: $scalar, y: $scalar) -> bool {
#if floating
    return less_$type(x, y) | (is_nan_$type(y) & !is_nan_$type(x));
#else
#if bool
    return !x & y;
#else
    return x < y;
#end
#end
}

fn searched(i: u32) -> i32 {
    let wanted = wanted_at(i);
    var low = 0u;
    var high = $length;
    for (var round = 0u; round < 32u && low < high; round += 1u) {
        let middle = (low + high) / 2u;
        let one = sorted_at(middle);
#if right
        let goes_on = !precedes(wanted, one);
#else
        let goes_on = precedes(one, wanted);
#end
        low = select(low, middle + 1u, goes_on);
        high = select(middle, high, goes_on);
    }
    return i32(low);
}
