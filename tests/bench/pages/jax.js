// jax-js on WebGPU: jit-compiled functions.

import * as jax from "./vendor/jax/index.js";
import { joined, permute, SWAP_HEADS } from "./layouts.js";

const { numpy: np, nn, lax } = jax;

// Results that wait for their turn at one time: a run is queued only when its result is asked for,
// so each of them has a buffer of its own.
const BYTES_IN_FLIGHT = 2 ** 28;
const FEWEST_IN_FLIGHT = 8;

export async function open() {
  const devices = await jax.init("webgpu");
  if (!devices.includes("webgpu")) throw new Error("jax-js has no WebGPU here");
  jax.defaultDevice("webgpu");
  return jax.getWebGPUDevice();
}

export async function upload(operands, { operation }) {
  const arrays = operands.map(({ data, shape }) => {
    if (operation !== "attention") return np.array(data, { shape });
    const [heads, length, size] = shape;
    return np.array(permute(data, shape, SWAP_HEADS), { shape: [length, heads, size] });
  });
  return jax.blockUntilReady(arrays);
}

// A function owns its arguments; what it uses twice, it takes by `.ref`.
const operations = {
  matmul: () => (a, b) => np.matmul(a, b),
  softmax: () => (x) => nn.softmax(x, -1),
  layer_norm: ({ epsilon }) => (x, weight, bias) => (
    nn.standardize(x, -1, { epsilon }).mul(weight).add(bias)
  ),
  gelu: () => (x) => nn.gelu(x, { approximate: false }),
  add: () => (x, y) => x.add(y),
  add_chain: ({ length }) => (x, step) => {
    for (let count = 1; count < length; count++) x = x.add(step.ref);
    return x.add(step);
  },
  fused_chain: () => (x, y) => {
    const length = np.sqrt(x.ref.mul(x.ref).add(y.ref.mul(y.ref)));
    return np.maximum(length.mul(y.ref).sub(x.ref), y).mul(0.5).add(x);
  },
  conv2d: () => (x, weight) => lax.convGeneralDilated(x, weight, [1, 1], [[1, 1], [1, 1]]),
  attention: () => (query, key, value) => nn.dotProductAttention(query, key, value),
  fft: () => (real, imag) => {
    const found = np.fft.fft({ real, imag });
    return [found.real, found.imag];
  },
};

export function build(operands, { operation, attributes, output }) {
  const compute = jax.jit(operations[operation](attributes));
  const bytes = output.reduce((a, b) => a * b, 4);
  const most = Math.max(FEWEST_IN_FLIGHT, Math.floor(BYTES_IN_FLIGHT / bytes));
  let results = []; // each a list of arrays
  const dispose = (arrays) => { for (const array of arrays.flat()) array.dispose(); };
  const keepLast = () => dispose(results.splice(0, results.length - 1));
  return {
    call() {
      results.push([compute(...operands.map((operand) => operand.ref))].flat());
      return results.length < most ? undefined : this.settle();
    },
    async settle() {
      await jax.blockUntilReady(results.flat());
      keepLast();
    },
    async read() {
      const parts = await Promise.all(results.at(-1).map((array) => array.ref.data()));
      const values = joined(parts);
      if (operation !== "attention") return values;
      const [heads, length, size] = output;
      return permute(values, [length, heads, size], SWAP_HEADS);
    },
    release() {
      dispose([...results, ...operands]);
      compute.dispose();
      results = [];
    },
  };
}
