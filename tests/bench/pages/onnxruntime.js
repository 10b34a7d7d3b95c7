// ONNX Runtime Web with its WebGPU execution provider; operands and results are bound to buffers.

import * as ort from "./vendor/ort/ort.webgpu.min.mjs";
import { permute, SWAP_HEADS } from "./layouts.js";

const OPTIONS = {
  // Its default mode asks the device after each run whether there was an error.
  executionProviders: [{ name: "webgpu", validationMode: "disabled" }],
  preferredOutputLocation: "gpu-buffer",
};
const LEAST_SUBGROUP = 8;
const TRANSPOSED = [0, 2, 1];

let device;

// Its device is there once a session is, and lives as long as one does: the first one stays.
export async function open() {
  ort.env.wasm.wasmPaths = new URL("vendor/ort/", location.href).href;
  ort.env.wasm.numThreads = 1; // more of them need cross-origin isolation, and compute nothing here
  await ort.InferenceSession.create("data/opening.onnx", OPTIONS);
  device = await ort.env.webgpu.device;
  return device;
}

function bound(shape) {
  const buffer = device.createBuffer({
    size: shape.reduce((a, b) => a * b, 4),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  return { buffer, tensor: ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: shape }) };
}

// How a workload is given to it: which model, and the axes' order of each operand and of the result.
function form({ operation, model, plain_model: plainModel }) {
  if (operation !== "attention") return { model, orders: [] };
  // Its attention is wrong on devices with small subgroups, so it gets single operators there.
  if (device.features.has("subgroups") && device.adapterInfo.subgroupMinSize < LEAST_SUBGROUP) {
    return { model: plainModel, orders: [undefined, TRANSPOSED] };
  }
  // (sequence, heads, size), of which it sees (batch, sequence, heads × size).
  const orders = [SWAP_HEADS, SWAP_HEADS, SWAP_HEADS];
  return { model, orders, resultOrder: SWAP_HEADS, joined: true };
}

const reordered = (shape, order, joined) => {
  const sizes = order ? order.map((axis) => shape[axis]) : shape;
  return joined ? [1, sizes[0], sizes[1] * sizes[2]] : sizes;
};

export function upload(operands, work) {
  const { orders, joined } = form(work);
  return operands.map(({ data, shape }, index) => {
    const order = orders[index];
    const made = bound(reordered(shape, order, joined));
    device.queue.writeBuffer(made.buffer, 0, order ? permute(data, shape, order) : data);
    return made;
  });
}

async function readBuffer(buffer) {
  const staging = device.createBuffer({
    size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

export async function build(operands, work) {
  const { model, resultOrder, joined } = form(work);
  // Replaying what the first run recorded spares a GPU waiting; a software adapter runs it slower.
  const enableGraphCapture = !device.adapterInfo.isFallbackAdapter;
  const session = await ort.InferenceSession.create(model, { ...OPTIONS, enableGraphCapture });
  const feeds = Object.fromEntries(session.inputNames.map((name, at) => [name, operands[at].tensor]));
  const result = bound(reordered(work.output, resultOrder, joined));
  const fetches = { y: result.tensor };
  return {
    call: () => session.run(feeds, fetches),
    async read() {
      const values = await readBuffer(result.buffer);
      return resultOrder ? permute(values, reordered(work.output, resultOrder), resultOrder) : values;
    },
    release() {}, // the page is loaded anew
  };
}
