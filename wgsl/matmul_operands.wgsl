// How both matrix kernels see their operands. `load_0` and `load_1` yield elements of A and B (or
// vectors of four neighbours), `finish` makes what is stored of an element (or vector) of C.

alias element = $type;
alias vector = vec4<element>;

const M = $m;
const N = $n;
const K = $k;
const BATCH = $batch;
const N_VECTORS = (N + 3u) / 4u;
const K_WHOLE = K / 4u * 4u;

$offsets

fn a_one(base: u32, row: u32, k: u32) -> element {
#if a_vectors
#if a_transposed
    return load_0((base + k * M + row) / 4u)[(base + k * M + row) % 4u];
#else
    return load_0((base + row * K + k) / 4u)[(base + row * K + k) % 4u];
#end
#else
#if a_transposed
    return load_0(base + k * M + row);
#else
    return load_0(base + row * K + k);
#end
#end
}

// Four elements of a row of A, from column k on.
fn a_four(base: u32, row: u32, k: u32) -> vector {
#if a_row_vectors
    return load_0((base + row * K + k) / 4u);
#else
    return vector(a_one(base, row, k), a_one(base, row, k + 1u), a_one(base, row, k + 2u), a_one(base, row, k + 3u));
#end
}

fn b_one(base: u32, k: u32, column: u32) -> element {
#if b_vectors
#if b_transposed
    return load_1((base + column * K + k) / 4u)[(base + column * K + k) % 4u];
#else
    return load_1((base + k * N + column) / 4u)[(base + k * N + column) % 4u];
#end
#else
#if b_transposed
    return load_1(base + column * K + k);
#else
    return load_1(base + k * N + column);
#end
#end
}

// Row k of B, four columns from 4·column on; columns past the edge repeat the last one.
fn b_four(base: u32, k: u32, column: u32) -> vector {
#if b_row_vectors
    return load_1(base / 4u + k * N_VECTORS + column);
#else
    let first = column * 4u;
    return vector(
        b_one(base, k, first),
        b_one(base, k, min(first + 1u, N - 1u)),
        b_one(base, k, min(first + 2u, N - 1u)),
        b_one(base, k, min(first + 3u, N - 1u)),
    );
#end
}

// Rows k to k + 3 of B, four columns from 4·column on: one vector for each row.
fn b_block(base: u32, k: u32, column: u32) -> array<vector, 4> {
#if b_column_vectors
    let first = column * 4u;
    let c0 = load_1((base + first * K + k) / 4u);
    let c1 = load_1((base + min(first + 1u, N - 1u) * K + k) / 4u);
    let c2 = load_1((base + min(first + 2u, N - 1u) * K + k) / 4u);
    let c3 = load_1((base + min(first + 3u, N - 1u) * K + k) / 4u);
    return array<vector, 4>(
        vector(c0.x, c1.x, c2.x, c3.x),
        vector(c0.y, c1.y, c2.y, c3.y),
        vector(c0.z, c1.z, c2.z, c3.z),
        vector(c0.w, c1.w, c2.w, c3.w),
    );
#else
    return array<vector, 4>(
        b_four(base, k, column),
        b_four(base, k + 1u, column),
        b_four(base, k + 2u, column),
        b_four(base, k + 3u, column),
    );
#end
}

fn store_c(batch: u32, row: u32, column: u32, sum: vector) {
    if row >= M || column >= N_VECTORS {
        return;
    }
#if c_vectors
    let at = (batch * M + row) * N_VECTORS + column;
    result[at] = finish(at, sum);
#else
    let first = column * 4u;
    let at = (batch * M + row) * N + first;
    for (var j = 0u; first + j < N && j < 4u; j += 1u) {
        result[at + j] = finish(at + j, sum[j]);
    }
#end
}

