// float16, two elements to a word, the first one lowest.

fn unpack_float16(word: u32, lane: u32) -> f32 {
    return unpack2x16float(word)[lane];
}

fn unpack_four_float16(words: vec2<u32>) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}

fn pack_float16(first: f32, second: f32) -> u32 {
    return bits_float16(first) | (bits_float16(second) << 16u);
}

fn pack_four_float16(values: vec4<f32>) -> vec2<u32> {
    let halves = bits_four_float16(values);
    return halves.xz | (halves.yw << vec2<u32>(16u));
}
