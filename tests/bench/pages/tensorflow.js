// TensorFlow.js with its WebGPU backend.

import { permute } from "./layouts.js";

const SQRT_HALF = Math.SQRT1_2;

// Its browser builds are classic scripts that share the global `tf`.
async function script(url) {
  const element = document.createElement("script");
  element.src = url;
  const loaded = new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${url} could not be loaded`));
  });
  document.head.append(element);
  await loaded;
}

export async function open() {
  await script("vendor/tf-core.min.js");
  await script("vendor/tf-backend-webgpu.min.js");
  if (!await tf.setBackend("webgpu")) throw new Error("TensorFlow.js has no WebGPU here");
  await tf.ready();
  return tf.backend().device;
}

// Its own layouts: NHWC images, filters as height, width, input, output.
const LAYOUTS = { conv2d: [[0, 2, 3, 1], [2, 3, 1, 0]] };
const RESULT_LAYOUTS = { conv2d: [0, 3, 1, 2] };

export function upload(operands, { operation }) {
  return operands.map(({ data, shape }, index) => {
    const axes = LAYOUTS[operation]?.[index];
    if (!axes) return tf.tensor(data, shape, "float32");
    return tf.tensor(permute(data, shape, axes), axes.map((axis) => shape[axis]), "float32");
  });
}

const operations = {
  matmul: () => tf.matMul,
  softmax: () => (x) => tf.softmax(x),
  // There is none in its core.
  layer_norm: ({ epsilon }) => (x, weight, bias) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const scaled = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
    return tf.add(tf.mul(scaled, weight), bias);
  },
  gelu: () => (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, SQRT_HALF)), 1)),
  add: () => tf.add,
  add_chain: ({ length }) => (x, step) => {
    for (let count = 0; count < length; count++) x = tf.add(x, step);
    return x;
  },
  fused_chain: () => (x, y) => {
    const length = tf.sqrt(tf.add(tf.mul(x, x), tf.mul(y, y)));
    return tf.add(tf.mul(tf.maximum(tf.sub(tf.mul(length, y), x), y), 0.5), x);
  },
  conv2d: () => (x, weight) => tf.conv2d(x, weight, 1, 1),
  attention: () => (query, key, value) => {
    const scores = tf.matMul(query, key, false, true);
    return tf.matMul(tf.softmax(tf.mul(scores, 1 / Math.sqrt(query.shape.at(-1)))), value);
  },
};

export function build(operands, { operation, attributes }) {
  const backend = tf.backend();
  const compute = operations[operation](attributes);
  let last;
  const submit = () => {
    if (!backend.commandEncoder) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  };
  return {
    call() {
      last?.dispose();
      last = tf.tidy(() => compute(...operands));
    },
    // It submits by batches of its own; what is left waits for somebody to read.
    async settle() {
      submit();
      await backend.device.queue.onSubmittedWorkDone();
    },
    async read() {
      const values = await last.data();
      const axes = RESULT_LAYOUTS[operation];
      return axes ? permute(values, last.shape, axes) : values;
    },
    release() {
      for (const tensor of [last, ...operands]) tensor.dispose();
    },
  };
}
