// $name: several elements to a word, the first one lowest. Arithmetic on it is done in $scalar.

fn unpack_$name(word: u32, lane: u32) -> $scalar {
#if bool
    return ((word >> (8u * lane)) & 0xffu) != 0u;
#else
    return wrap_$name($scalar(word >> ($bitsu * lane)));
#end
}

#if pairs
fn unpack_four_$name(words: vec2<u32>) -> vec4<$scalar> {
    return wrap_four_$name(vec4<$scalar>(words.xxyy >> vec4<u32>(0u, 16u, 0u, 16u)));
}

fn pack_$name(first: $scalar, second: $scalar) -> u32 {
    return (u32(first) & 0xffffu) | (u32(second) << 16u);
}

fn pack_four_$name(values: vec4<$scalar>) -> vec2<u32> {
    let halves = vec4<u32>(values);
    return (halves.xz & vec2<u32>(0xffffu)) | (halves.yw << vec2<u32>(16u));
}
#else
fn unpack_four_$name(word: u32) -> vec4<$scalar> {
    return vec4<$scalar>(
        unpack_$name(word, 0u), unpack_$name(word, 1u), unpack_$name(word, 2u), unpack_$name(word, 3u),
    );
}

fn pack_$name(first: $scalar, second: $scalar, third: $scalar, fourth: $scalar) -> u32 {
    return pack_four_$name(vec4<$scalar>(first, second, third, fourth));
}

fn pack_four_$name(values: vec4<$scalar>) -> u32 {
    let bytes = vec4<u32>(values) & vec4<u32>(0xffu);
    return bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | (bytes.w << 24u);
}
#end

#if signed
fn wrap_$name(value: i32) -> i32 {
    return (value << $unusedu) >> $unusedu;
}

fn wrap_four_$name(value: vec4<i32>) -> vec4<i32> {
    return (value << vec4<u32>($unusedu)) >> vec4<u32>($unusedu);
}
#end
#if unsigned
fn wrap_$name(value: u32) -> u32 {
    return value & $masku;
}

fn wrap_four_$name(value: vec4<u32>) -> vec4<u32> {
    return value & vec4<u32>($masku);
}
#end
