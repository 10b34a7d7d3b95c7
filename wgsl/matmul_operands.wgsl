// How both matrix kernels see their operands. Lengths are part of the type, so that compilers can
// leave bounds checks out.

alias element = $type;
alias vector = vec4<element>;

const M = $m;
const N = $n;
const K = $k;
const BATCH = $batch;
const N_VECTORS = (N + 3u) / 4u;
const K_WHOLE = K / 4u * 4u;

#if a_vectors
@group(0) @binding(0) var<storage, read> a: array<vector, $a_length>;
#else
@group(0) @binding(0) var<storage, read> a: array<element, $a_length>;
#end
#if n_vectors
@group(0) @binding(1) var<storage, read> b: array<vector, $b_length>;
@group(0) @binding(2) var<storage, read_write> c: array<vector, $c_length>;
#else
@group(0) @binding(1) var<storage, read> b: array<element, $b_length>;
@group(0) @binding(2) var<storage, read_write> c: array<element, $c_length>;
#end

$offsets

// Four elements of a row of A, from element `at` of the buffer on.
fn load_a(at: u32) -> vector {
#if a_vectors
    return a[at / 4u];
#else
    return vector(a[at], a[at + 1u], a[at + 2u], a[at + 3u]);
#end
}

// Row k of B, four columns from 4·column on; columns past the edge repeat the last one.
fn load_b(base: u32, k: u32, column: u32) -> vector {
#if n_vectors
    return b[base / 4u + k * N_VECTORS + column];
#else
    let row = base + k * N;
    let first = column * 4u;
    return vector(
        b[row + first],
        b[row + min(first + 1u, N - 1u)],
        b[row + min(first + 2u, N - 1u)],
        b[row + min(first + 3u, N - 1u)],
    );
#end
}

fn store_c(batch: u32, row: u32, column: u32, sum: vector) {
    if row >= M || column >= N_VECTORS {
        return;
    }
#if n_vectors
    c[(batch * M + row) * N_VECTORS + column] = sum;
#else
    let first = column * 4u;
    let at = (batch * M + row) * N + first;
    for (var j = 0u; first + j < N && j < 4u; j += 1u) {
        c[at + j] = sum[j];
    }
#end
}

