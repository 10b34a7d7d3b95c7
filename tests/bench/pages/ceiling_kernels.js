// The hand-written kernels, as functions of the sizes: arrays have their length in their type, which
// saves the compiler bounds checks. Sizes are multiples of what a kernel handles at a time.

const range = (count) => Array.from({ length: count }, (_, index) => index);
const each = (count, write) => range(count).map(write).join("\n");
const size = (shape) => shape.reduce((a, b) => a * b, 1);

// Bindings: operands in order, then the result; all of vec4f, of so many elements.
function bindings(elements, output) {
  const lines = elements.map((count, index) => (
    `@group(0) @binding(${index}) var<storage, read> in${index}: array<vec4f, ${count / 4}>;`
  ));
  lines.push(`@group(0) @binding(${elements.length})`
    + ` var<storage, read_write> result: array<vec4f, ${output / 4}>;`);
  return lines.join("\n");
}

// Some vec4 of the result per invocation: several save a software adapter its overhead.
function elementwise(work, shapes, expression, declarations = "") {
  const count = size(work.output) / 4;
  return [[64, 1], [256, 1], [256, 4]].map(([width, vectors]) => ({
    code: `${bindings(shapes.map(size), size(work.output))}
${declarations}
@compute @workgroup_size(${width})
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${each(vectors, (j) => `{
  let i = id.x * ${vectors}u + ${j}u;
  ${expression}
  }`)}
}`,
    groups: [count / width / vectors],
  }));
}

const ERF = `
// Abramowitz and Stegun, 7.1.26.
fn erf4(x: vec4f) -> vec4f {
  let a = abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - p * exp(-a * a));
}`;

// C from registers alone: `rows` rows × `columns` vectors per invocation. No workgroup memory: for
// adapters on which barriers are dear.
function directMatmul(work, [a, b], rows, columns, width) {
  const [m, k] = a.slice(-2);
  const n = b.at(-1);
  const batch = size(a.slice(0, -2));
  return {
    code: `${bindings([size(a), size(b)], size(work.output))}
@compute @workgroup_size(${width}, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y * ${rows}u;
  let column = id.x * ${columns}u;
  if column >= ${n / 4}u { return; }
  var a_at = (id.z * ${m}u + row) * ${k / 4}u;
  var b_at = id.z * ${k * n / 4}u + column;
  ${each(rows, (r) => each(columns, (c) => `var sum_${r}_${c} = vec4f();`))}
  for (var step = 0u; step < ${k / 4}u; step++) {
    ${each(4, (j) => each(columns, (c) => `let b_${j}_${c} = in1[b_at + ${j * n / 4 + c}u];`))}
    ${each(rows, (r) => `let a_${r} = in0[a_at + ${r * k / 4}u];
    ${each(columns, (c) => `sum_${r}_${c} += a_${r}.x * b_0_${c} + a_${r}.y * b_1_${c}
      + a_${r}.z * b_2_${c} + a_${r}.w * b_3_${c};`)}`)}
    a_at += 1u;
    b_at += ${n}u;
  }
  let c_at = (id.z * ${m}u + row) * ${n / 4}u + column;
  ${each(rows, (r) => each(columns, (c) => `result[c_at + ${r * n / 4 + c}u] = sum_${r}_${c};`))}
}`,
    groups: [Math.ceil(n / 4 / columns / width), m / rows, batch],
  };
}

// For real GPUs: tiles of both operands in workgroup memory, `rows` rows × one vector per invocation.
function tiledMatmul(work, [a, b], rows) {
  const [m, k] = a.slice(-2);
  const n = b.at(-1);
  const batch = size(a.slice(0, -2));
  const [wide, high, depth] = [16, 8, 16];
  const tall = rows * high;
  return {
    code: `${bindings([size(a), size(b)], size(work.output))}
var<workgroup> a_tile: array<vec4f, ${tall * depth / 4}>;
var<workgroup> b_tile: array<vec4f, ${depth * wide}>;
@compute @workgroup_size(${wide}, ${high})
fn main(
  @builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row = group.y * ${tall}u;
  let column = group.x * ${wide}u;
  ${each(rows, (r) => `var sum_${r} = vec4f();`)}
  for (var first = 0u; first < ${k}u; first += ${depth}u) {
    for (var at = index; at < ${tall * depth / 4}u; at += ${wide * high}u) {
      a_tile[at] = in0[((group.z * ${m}u + row + at / ${depth / 4}u) * ${k}u + first) / 4u + at % ${depth / 4}u];
    }
    for (var at = index; at < ${depth * wide}u; at += ${wide * high}u) {
      b_tile[at] = in1[(group.z * ${k}u + first + at / ${wide}u) * ${n / 4}u + column + at % ${wide}u];
    }
    workgroupBarrier();
    for (var step = 0u; step < ${depth / 4}u; step++) {
      ${each(4, (j) => `let b_${j} = b_tile[(step * 4u + ${j}u) * ${wide}u + local.x];`)}
      ${each(rows, (r) => `let a_${r} = a_tile[(local.y * ${rows}u + ${r}u) * ${depth / 4}u + step];
      sum_${r} += a_${r}.x * b_0 + a_${r}.y * b_1 + a_${r}.z * b_2 + a_${r}.w * b_3;`)}
    }
    workgroupBarrier();
  }
  let c_at = (group.z * ${m}u + row + local.y * ${rows}u) * ${n / 4}u + column + local.x;
  ${each(rows, (r) => `result[c_at + ${r * n / 4}u] = sum_${r};`)}
}`,
    groups: [n / 4 / wide, m / tall, batch],
  };
}

function matmul(work, shapes) {
  const direct = [[8, 2, 16], [8, 2, 8], [4, 4, 8], [8, 1, 16], [4, 2, 16]];
  const made = direct.map(([rows, columns, width]) => directMatmul(work, shapes, rows, columns, width));
  const [m, k] = shapes[0].slice(-2);
  const n = shapes[1].at(-1);
  if (m % 64 === 0 && n % 64 === 0 && k % 16 === 0) made.push(tiledMatmul(work, shapes, 8));
  return made;
}

// Rows, one per invocation or one per workgroup. A pass over a row gathers its values in a vec4 that
// begins as `zero`: `step` is an expression of that ($) and of `value`; `joined` makes a number of it
// under the pass's name, `merge` joins two of them, `after` is a statement that follows. `store` is
// the result, of `value` and of what the passes found.
function rowwise(work, shapes, { passes, store }) {
  const length = work.output.at(-1) / 4;
  const rows = size(work.output) / work.output.at(-1);
  const header = bindings(shapes.map(size), size(work.output));
  const alone = [8, 16, 64].map((width) => ({
    code: `${header}
@compute @workgroup_size(${width})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x * ${length}u;
  ${passes.map(({ name, zero, step, joined, after = "" }) => `
  var ${name}_parts = vec4f(${zero});
  for (var i = 0u; i < ${length}u; i++) {
    let value = in0[row + i];
    ${name}_parts = ${step.replaceAll("$", `${name}_parts`)};
  }
  var ${name} = ${joined.replaceAll("$", `${name}_parts`)};
  ${after}`).join("")}
  for (var i = 0u; i < ${length}u; i++) {
    let value = in0[row + i];
    result[row + i] = ${store};
  }
}`,
    groups: [rows / width],
  }));
  const width = 64;
  const together = {
    code: `${header}
var<workgroup> shared_parts: array<vec4f, ${width}>;
@compute @workgroup_size(${width})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let row = group.x * ${length}u;
  ${passes.map(({ name, zero, step, joined, merge, after = "" }) => `
  var ${name}_parts = vec4f(${zero});
  for (var i = index; i < ${length}u; i += ${width}u) {
    let value = in0[row + i];
    ${name}_parts = ${step.replaceAll("$", `${name}_parts`)};
  }
  shared_parts[index] = ${name}_parts;
  for (var half = ${width / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if index < half {
      shared_parts[index] = ${merge("shared_parts[index]", "shared_parts[index + half]")};
    }
  }
  workgroupBarrier();
  ${name}_parts = shared_parts[0];
  workgroupBarrier();
  var ${name} = ${joined.replaceAll("$", `${name}_parts`)};
  ${after}`).join("")}
  for (var i = index; i < ${length}u; i += ${width}u) {
    let value = in0[row + i];
    result[row + i] = ${store};
  }
}`,
    groups: [rows],
  };
  return [...alone, together];
}

const plus = (one, other) => `${one} + ${other}`;
const SUM = "$.x + $.y + $.z + $.w";

function softmax(work, shapes) {
  return rowwise(work, shapes, {
    passes: [
      {
        name: "largest", zero: "-3.4e38", step: "max($, value)",
        joined: "max(max($.x, $.y), max($.z, $.w))", merge: (one, other) => `max(${one}, ${other})`,
      },
      {
        name: "total", zero: "0.0", step: "$ + exp(value - largest)", joined: SUM, merge: plus,
        after: "let factor = 1.0 / total;",
      },
    ],
    store: "exp(value - largest) * factor",
  });
}

function layerNorm(work, shapes) {
  const length = work.output.at(-1);
  return rowwise(work, shapes, {
    passes: [
      { name: "total", zero: "0.0", step: "$ + value", joined: SUM, merge: plus,
        after: `let mean = total / ${length}.0;` },
      { name: "squares", zero: "0.0", step: "$ + (value - mean) * (value - mean)", joined: SUM,
        merge: plus,
        after: `let factor = inverseSqrt(squares / ${length}.0 + ${work.attributes.epsilon});` },
    ],
    store: "(value - mean) * factor * in1[i] + in2[i]",
  });
}

// 3×3, padding 1: `channels` output channels × `lines` lines × 4 columns per invocation.
function directConv2d(work, [x, weight], channels, lines, width) {
  const [, inner, height, wide] = x;
  const outer = weight[0];
  const columns = wide / 4;
  const loadLine = (line) => `{
      let y = i32(top) + ${line - 1};
      middle = vec4f(); left = 0.0; right = 0.0;
      if y >= 0 && y < ${height} {
        let at = (c * ${height}u + u32(y)) * ${columns}u + column;
        middle = in0[at];
        if column > 0u { left = in0[at - 1u].w; }
        if column < ${columns - 1}u { right = in0[at + 1u].x; }
      }
      ${each(3, (kx) => {
        const shifted = ["vec4f(left, middle.xyz)", "middle", "vec4f(middle.yzw, right)"][kx];
        return `let shifted_${kx} = ${shifted};`;
      })}
      ${range(lines).filter((out) => line - out >= 0 && line - out < 3).map((out) => (
        each(channels, (o) => each(3, (kx) => (
          `sum_${o}_${out} += w_${o}_${(line - out) * 3 + kx} * shifted_${kx};`
        )))
      )).join("\n")}
    }`;
  return {
    code: `${bindings([size(x)], size(work.output)).replace("@binding(1)", "@binding(2)")}
@group(0) @binding(1) var<storage, read> weights: array<f32, ${size(weight)}>;
@compute @workgroup_size(${width})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x % ${columns}u;
  let top = id.x / ${columns}u * ${lines}u;
  let first = id.y * ${channels}u;
  if top >= ${height}u { return; }
  ${each(channels, (o) => each(lines, (line) => `var sum_${o}_${line} = vec4f();`))}
  var middle: vec4f; var left: f32; var right: f32;
  for (var c = 0u; c < ${inner}u; c++) {
    ${each(channels, (o) => `let at_${o} = ((first + ${o}u) * ${inner}u + c) * 9u;
    ${each(9, (tap) => `let w_${o}_${tap} = weights[at_${o} + ${tap}u];`)}`)}
    ${each(lines + 2, loadLine)}
  }
  ${each(channels, (o) => each(lines, (line) => (
    `result[((first + ${o}u) * ${height}u + top + ${line}u) * ${columns}u + column] = sum_${o}_${line};`
  )))}
}`,
    groups: [Math.ceil(columns * height / lines / width), outer / channels],
  };
}

// A query per invocation, over keys four at a time, softmax as it goes.
function onlineAttention(work, width) {
  const [heads, length, wide] = work.output;
  const vectors = wide / 4;
  const total = size(work.output);
  const dot = (key) => each(vectors, (v) => (
    `${v ? "dots += " : "var dots = "}q_${v} * in1[at + ${key * vectors + v}u];`
  ));
  return {
    code: `${bindings([total, total, total], total)}
@compute @workgroup_size(${width})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let own = (id.y * ${length}u + id.x) * ${vectors}u;
  ${each(vectors, (v) => `let q_${v} = in0[own + ${v}u] * ${1 / Math.sqrt(wide)}; var sum_${v} = vec4f();`)}
  var largest = -3.4e38;
  var total = 0.0;
  var at = id.y * ${length * vectors}u;
  for (var first = 0u; first < ${length}u; first += 4u) {
    var scores: vec4f;
    ${each(4, (key) => `{ ${dot(key)} scores.${"xyzw"[key]} = dots.x + dots.y + dots.z + dots.w; }`)}
    let highest = max(largest, max(max(scores.x, scores.y), max(scores.z, scores.w)));
    let keep = exp(largest - highest);
    let weights = exp(scores - highest);
    largest = highest;
    total = total * keep + weights.x + weights.y + weights.z + weights.w;
    ${each(vectors, (v) => `sum_${v} = sum_${v} * keep + weights.x * in2[at + ${v}u]
      + weights.y * in2[at + ${vectors + v}u] + weights.z * in2[at + ${2 * vectors + v}u]
      + weights.w * in2[at + ${3 * vectors + v}u];`)}
    at += ${4 * vectors}u;
  }
  ${each(vectors, (v) => `result[own + ${v}u] = sum_${v} / total;`)}
}`,
    groups: [length / width, heads],
  };
}

// `queries` queries per invocation, in blocks of four keys; all their scores are kept, so that
// products of both halves are register tiles.
function blockedAttention(work, queries, width) {
  const [heads, length, wide] = work.output;
  const vectors = wide / 4;
  const blocks = length / 4;
  const total = size(work.output);
  const sum = (name) => `${name}.x + ${name}.y + ${name}.z + ${name}.w`;
  return {
    code: `${bindings([total, total, total], total)}
@compute @workgroup_size(${width})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let own = (id.y * ${length}u + id.x * ${queries}u) * ${vectors}u;
  let first = id.y * ${length * vectors}u;
  var scores: array<vec4f, ${queries * blocks}>;
  ${each(queries, (i) => `var largest_${i} = vec4f(-3.4e38);`)}
  for (var block = 0u; block < ${blocks}u; block++) {
    let at = first + block * ${4 * vectors}u;
    ${each(queries, (i) => each(4, (j) => `var dots_${i}_${j} = vec4f();`))}
    for (var v = 0u; v < ${vectors}u; v++) {
      ${each(4, (j) => `let k_${j} = in1[at + ${j * vectors}u + v];`)}
      ${each(queries, (i) => `let q_${i} = in0[own + ${i * vectors}u + v];
      ${each(4, (j) => `dots_${i}_${j} += q_${i} * k_${j};`)}`)}
    }
    ${each(queries, (i) => `let block_${i} = ${1 / Math.sqrt(wide)} * vec4f(
      ${range(4).map((j) => sum(`dots_${i}_${j}`)).join(", ")});
    scores[block * ${queries}u + ${i}u] = block_${i};
    largest_${i} = max(largest_${i}, block_${i});`)}
  }
  ${each(queries, (i) => `let most_${i} = vec4f(max(
    max(largest_${i}.x, largest_${i}.y), max(largest_${i}.z, largest_${i}.w)));
  var total_${i} = vec4f();`)}
  for (var block = 0u; block < ${blocks}u; block++) {
    ${each(queries, (i) => `let weights_${i} = exp(scores[block * ${queries}u + ${i}u] - most_${i});
    total_${i} += weights_${i};
    scores[block * ${queries}u + ${i}u] = weights_${i};`)}
  }
  ${each(queries, (i) => `let factor_${i} = 1.0 / (${sum(`total_${i}`)});`)}
  for (var v = 0u; v < ${vectors}u; v += 2u) {
    ${each(queries, (i) => each(2, (c) => `var sum_${i}_${c} = vec4f();`))}
    for (var block = 0u; block < ${blocks}u; block++) {
      let at = first + block * ${4 * vectors}u + v;
      ${each(4, (j) => each(2, (c) => `let v_${j}_${c} = in2[at + ${j * vectors + c}u];`))}
      ${each(queries, (i) => `let w_${i} = scores[block * ${queries}u + ${i}u];
      ${each(2, (c) => `sum_${i}_${c} += w_${i}.x * v_0_${c} + w_${i}.y * v_1_${c}
        + w_${i}.z * v_2_${c} + w_${i}.w * v_3_${c};`)}`)}
    }
    ${each(queries, (i) => each(2, (c) => (
      `result[own + ${i * vectors + c}u + v] = sum_${i}_${c} * factor_${i};`
    )))}
  }
}`,
    groups: [length / queries / width, heads],
  };
}

const kernels = {
  matmul,
  softmax,
  layer_norm: layerNorm,
  copy: (work, shapes) => elementwise(work, shapes, "result[i] = in0[i];"),
  add: (work, shapes) => elementwise(work, shapes, "result[i] = in0[i] + in1[i];"),
  gelu: (work, shapes) => elementwise(
    work, shapes, "let x = in0[i]; result[i] = 0.5 * x * (1.0 + erf4(x * 0.70710678));", ERF,
  ),
  add_chain: (work, shapes) => elementwise(work, shapes, `
  var x = in0[i];
  let step = in1[i];
  ${each(work.attributes.length, () => "x += step;")}
  result[i] = x;`),
  fused_chain: (work, shapes) => elementwise(work, shapes, `
  let x = in0[i];
  let y = in1[i];
  result[i] = max(sqrt(x * x + y * y) * y - x, y) * 0.5 + x;`),
  conv2d: (work, shapes) => [[4, 2, 16], [8, 1, 16], [4, 1, 16], [8, 2, 16]].map(
    ([channels, lines, width]) => directConv2d(work, shapes, channels, lines, width),
  ),
  attention: (work) => [
    ...[8, 32].map((width) => onlineAttention(work, width)),
    ...[[2, 16], [4, 8], [4, 16]].map(([queries, width]) => blockedAttention(work, queries, width)),
  ],
};

// → [{code, groups}]: ways to do a workload on operands of these shapes.
export const variants = (work, shapes) => kernels[work.operation](work, shapes);
