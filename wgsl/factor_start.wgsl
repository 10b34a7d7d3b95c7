// Element i of the matrices as they begin.

fn element(i: u32) -> f32 {
    let column = i % STRIDE;
    let row = i / STRIDE;
#if triangle
    return select(0.0, load_0(i), column <= row % ROWS);
#else
    if column < COLUMNS {
        return load_0(row * COLUMNS + column);
    }
#if identity
    return select(0.0, 1.0, column - COLUMNS == row % ROWS);
#end
#if right
    if column < WIDTH {
        return load_1(row * (WIDTH - COLUMNS) + column - COLUMNS);
    }
#end
    return 0.0;
#end
}
