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

// Where row `row` of A begins, in vectors where rows are read as such. Loops keep it: some compilers
// multiply anew in each round.
fn a_line(base: u32, row: u32) -> u32 {
#if a_row_vectors
    return (base + row * K) / 4u;
#else
    return base + row * $a_row;
#end
}

fn a_one(line: u32, k: u32) -> element {
#if a_row_vectors
    return load_0(line + k / 4u)[k % 4u];
#else
    let at = line + k * $a_column;
#if a_vectors
    return load_0(at / 4u)[at % 4u];
#else
    return load_0(at);
#end
#end
}

// Four elements of a row of A, from column k on.
fn a_four(line: u32, k: u32) -> vector {
#if a_row_vectors
    return load_0(line + k / 4u);
#else
    return vector(a_one(line, k), a_one(line, k + 1u), a_one(line, k + 2u), a_one(line, k + 3u));
#end
}

// From one row of B to the next, in vectors where rows are read as such.
const B_ROW = $b_row;

// Where row k of B begins.
fn b_line(base: u32, k: u32) -> u32 {
#if b_row_vectors
    return base / 4u + k * B_ROW;
#else
    return base + k * B_ROW;
#end
}

fn b_one(line: u32, column: u32) -> element {
    let at = line + column * $b_column;
#if b_vectors
    return load_1(at / 4u)[at % 4u];
#else
    return load_1(at);
#end
}

// A row of B, four columns from 4·column on; columns past the edge repeat the last one.
fn b_four(line: u32, column: u32) -> vector {
#if b_row_vectors
    return load_1(line + column);
#else
    let first = column * 4u;
    return vector(
        b_one(line, first),
        b_one(line, min(first + 1u, N - 1u)),
        b_one(line, min(first + 2u, N - 1u)),
        b_one(line, min(first + 3u, N - 1u)),
    );
#end
}

// A row of B and the next three, four columns from 4·column on: one vector for each row.
fn b_block(line: u32, column: u32) -> array<vector, 4> {
#if b_column_vectors
    let first = column * 4u;
    let c0 = load_1((line + first * K) / 4u);
    let c1 = load_1((line + min(first + 1u, N - 1u) * K) / 4u);
    let c2 = load_1((line + min(first + 2u, N - 1u) * K) / 4u);
    let c3 = load_1((line + min(first + 3u, N - 1u) * K) / 4u);
    return array<vector, 4>(
        vector(c0.x, c1.x, c2.x, c3.x),
        vector(c0.y, c1.y, c2.y, c3.y),
        vector(c0.z, c1.z, c2.z, c3.z),
        vector(c0.w, c1.w, c2.w, c3.w),
    );
#else
    return array<vector, 4>(
        b_four(line, column),
        b_four(line + B_ROW, column),
        b_four(line + 2u * B_ROW, column),
        b_four(line + 3u * B_ROW, column),
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

