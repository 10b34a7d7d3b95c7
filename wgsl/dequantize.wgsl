// Four neighbours of a row of weights, widened: vector i of (N, K), one scale for $group vectors.

fn load_$number(i: u32) -> vec4<f32> {
    let group = i / $group;
#if four_bits
    let half = $weight[i / 2u] >> (16u * (i % 2u));
    let stored = vec4<f32>((vec4<u32>(half) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u));
#else
    let word = $weight[i];
    let stored = vec4<f32>(vec4<i32>(vec4<u32>(word << 24u, word << 16u, word << 8u, word)) >> vec4<u32>(24u));
#end
    return (stored - $zero) * $scale[group];
}
