// Elements 4·e to 4·e + 3 of the row of $size elements that begins at element `at`; zeros past it.
fn $operand_four(at: u32, e: u32) -> vec4f {
#if wide
    return $buffer[at / 4u + e];
#else
    let i = at + 4u * e;
#if whole
    return vec4f($buffer[i], $buffer[i + 1u], $buffer[i + 2u], $buffer[i + 3u]);
#else
    var four = vec4f($buffer[i], 0.0, 0.0, 0.0);
    if 4u * e + 1u < $size {
        four.y = $buffer[i + 1u];
    }
    if 4u * e + 2u < $size {
        four.z = $buffer[i + 2u];
    }
    if 4u * e + 3u < $size {
        four.w = $buffer[i + 3u];
    }
    return four;
#end
#end
}

