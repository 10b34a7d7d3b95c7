// C = A·Bᵀ of int8 in int32: rows of both lie together, four elements to a word, and each
// invocation computes $rows × $columns elements of C from words.

const M = $m;
const N = $n;
const WORDS = $words;

#if packed_dot
fn dot4(x: u32, y: u32) -> i32 {
    return dot4I8Packed(x, y);
}
#else
fn four(word: u32) -> vec4<i32> {
    return vec4<i32>(vec4<u32>(word << 24u, word << 16u, word << 8u, word)) >> vec4<u32>(24u);
}

fn dot4(x: u32, y: u32) -> i32 {
    return dot(four(x), four(y));
}
#end

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let row = id.y * $rows;
    let column = id.x * $columns;
    if row >= M || column >= N {
        return;
    }
#for r in rows
    let a_$r = min(row + $r, M - 1u) * WORDS;
#for c in columns
    var sum_$r_$c = 0i;
#end
#end
#for c in columns
    let b_$c = min(column + $c, N - 1u) * WORDS;
#end
    for (var word = 0u; word < WORDS; word += 1u) {
#for c in columns
        let y_$c = $b[b_$c + word];
#end
#for r in rows
        let x_$r = $a[a_$r + word];
#for c in columns
        sum_$r_$c += dot4(x_$r, y_$c);
#end
#end
    }
#for r in rows
    if row + $r < M {
        let at = (row + $r) * N + column;
#for c in columns
        if column + $c < N {
            result[at + $c] = finish(at + $c, sum_$r_$c);
        }
#end
    }
#end
}
