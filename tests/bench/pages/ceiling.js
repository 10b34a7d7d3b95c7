// The ceiling: raw WGSL written by hand for each workload and its sizes, no library. Of the variants
// in ceiling_kernels.js the one that is fastest on this adapter runs.

import { variants } from "./ceiling_kernels.js";

const TRIALS = 3;
const TRIAL_MS = 20;
const MOST_CALLS = 256;

let device;

export async function open() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("there is no WebGPU adapter here");
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = adapter.limits;
  device = await adapter.requestDevice({
    requiredLimits: { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX },
  });
  return device;
}

// `data` may be absent: then the buffer holds zeros.
function buffer(size, data) {
  const made = device.createBuffer({
    size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  if (data) device.queue.writeBuffer(made, 0, data);
  return made;
}

async function runnable({ code, groups }, buffers) {
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({
    layout: "auto", compute: { module, entryPoint: "main" },
  });
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((one, binding) => ({ binding, resource: { buffer: one } })),
  });
  return { pipeline, bindGroup, groups };
}

function submit({ pipeline, bindGroup, groups }) {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...groups);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

async function timed(kernel, calls) {
  const begin = performance.now();
  for (let call = 0; call < calls; call++) submit(kernel);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - begin;
}

// The fastest of several, which take turns.
async function fastest(kernels) {
  if (kernels.length === 1) return kernels[0];
  const tried = [];
  for (const kernel of kernels) {
    await timed(kernel, 1);
    const calls = Math.ceil(Math.min(TRIAL_MS / await timed(kernel, 1), MOST_CALLS));
    tried.push({ kernel, calls, best: Infinity });
  }
  for (let trial = 0; trial < TRIALS; trial++) {
    for (const one of tried) {
      one.best = Math.min(one.best, await timed(one.kernel, one.calls) / one.calls);
    }
  }
  return tried.reduce((one, other) => (other.best < one.best ? other : one)).kernel;
}

// Choosing the kernel is part of this, so that the cold run is that of one kernel.
export async function upload(operands, work) {
  const buffers = operands.map(({ data }) => buffer(data.byteLength, data));
  buffers.push(buffer(work.output.reduce((a, b) => a * b, 4)));
  const written = variants(work, operands.map(({ shape }) => shape));
  const kernels = await Promise.all(written.map((one) => runnable(one, buffers)));
  const chosen = written[kernels.indexOf(await fastest(kernels))];
  return { buffers, chosen };
}

export async function build({ buffers, chosen }) {
  const kernel = await runnable(chosen, buffers);
  const result = buffers.at(-1);
  return {
    call: () => submit(kernel),
    async read() {
      const staging = device.createBuffer({
        size: result.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(result, 0, staging, 0, result.size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const values = new Float32Array(staging.getMappedRange().slice(0));
      staging.destroy();
      return values;
    },
    release() {
      for (const one of buffers) one.destroy();
    },
  };
}
