// Two axes of `FROM_0` and `FROM_1` elements as `TO_0` and `TO_1`; `BETWEEN` lie between the axes,
// `INNER` elements (or vectors) after them. Place p is at c = (p + ½) · FROM / TO - ½ of the data,
// computed exactly, in parts of 1 / (2 · TO).

fn element_at(outer: u32, row: u32, between: u32, column: u32, inner: u32) -> $value {
    return load_0((((outer * FROM_0 + row) * BETWEEN + between) * FROM_1 + column) * INNER + inner);
}

#if linear
fn parts(place: u32, size: u32, length: u32) -> u32 {
    let twice = (2u * place + 1u) * length;
    return min(select(twice - size, 0u, twice < size), (length - 1u) * 2u * size);
}

fn between_two(first: $real, second: $real, weight: f32) -> $real {
    // Beside an infinity or NaN a weight of 0 is none.
    return select(first * (1.0 - weight) + second * weight, first, weight == 0.0);
}

#else
fn nearest(place: u32, size: u32, length: u32) -> u32 {
    // ceil(c - ½)
    return min(((2u * place + 1u) * length + 2u * size - 1u) / (2u * size) - 1u, length - 1u);
}

#end
fn moved(i: u32) -> $value {
    let inner = i % INNER;
    let to_1 = i / INNER % TO_1;
    let between = i / (INNER * TO_1) % BETWEEN;
    let to_0 = i / (INNER * TO_1 * BETWEEN) % TO_0;
    let outer = i / (INNER * TO_1 * BETWEEN * TO_0);
#if linear
    let parts_0 = parts(to_0, TO_0, FROM_0);
    let parts_1 = parts(to_1, TO_1, FROM_1);
    let weight_0 = f32(parts_0 % (2u * TO_0)) / f32(2u * TO_0);
    let weight_1 = f32(parts_1 % (2u * TO_1)) / f32(2u * TO_1);
    let row = parts_0 / (2u * TO_0);
    let column = parts_1 / (2u * TO_1);
    let next_row = min(row + 1u, FROM_0 - 1u);
    let next_column = min(column + 1u, FROM_1 - 1u);
    let upper = between_two(
        $real(element_at(outer, row, between, column, inner)),
        $real(element_at(outer, row, between, next_column, inner)),
        weight_1,
    );
    let lower = between_two(
        $real(element_at(outer, next_row, between, column, inner)),
        $real(element_at(outer, next_row, between, next_column, inner)),
        weight_1,
    );
    let value = between_two(upper, lower, weight_0);
#if integer
    return $value(round(value));
#else
    return value;
#end
#else
    return element_at(outer, nearest(to_0, TO_0, FROM_0), between, nearest(to_1, TO_1, FROM_1), inner);
#end
}
