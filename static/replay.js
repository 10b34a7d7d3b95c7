// WebGPU for webtensor: buffers, pipelines and plans by number, so that Python holds integers and
// never a proxy, and running a plan of any length is one call across the border.
//
// The contract is `GPU` in py/webtensor/host/base.py; py/webtensor/host/native.py is its twin.

const READ_ONLY = "read-only-storage";
const COPY_ALIGNMENT = 4;
const READ_PIECE = 2 ** 26;

// A plan that costs more than a batch is submitted in batches. A batch's budget (in the plan's own
// cost units, floating-point operations) follows the measured rate towards this many milliseconds.
const BATCH_TARGET_MS = 120;
const BATCH_GROWTH = 4;
const LOSS_PATIENCE_MS = 500;
const FIRST_BATCH_COST = 2e8; // before any measurement; 20 to 200 ms on a software adapter
const BIND_GROUP_SETS_PER_PLAN = 8;
// Small kernels cost more than their operations; so many are submitted without a wait at most.
const MOST_DISPATCHES_AHEAD = 8192;
const NOTHING = { cost: 0, dispatches: 0, since: 0 };

const TIMED_AT_ONCE = 1024; // a query set holds 4096 timestamps, two for each dispatch

const isFirefox = /firefox/i.test(globalThis.navigator?.userAgent ?? "");

// Firefox resolves map and queue promises only when it polls, about every 100 ms; an empty submit
// makes it poll (jax-js and ONNX Runtime meet the same). Remove when bugzilla 1870699 is closed.
async function settled(promise, queue) {
  if (!isFirefox) return promise;
  let pending = true;
  const done = promise.finally(() => { pending = false; });
  const poke = () => {
    if (!pending) return;
    queue.submit([]);
    setTimeout(poke, 1);
  };
  poke();
  return done;
}

class Plan {
  constructor(commands) {
    this.commands = commands;
    this.cost = commands.reduce((sum, command) => sum + command.cost, 0);
    this.bindGroups = new Map(); // buffers' numbers → one bind group per dispatch
  }
}

export class Replay {
  constructor(adapter, device) {
    this.adapter = adapter;
    this.device = device;
    this.lost = "";
    this.uncaptured = "";
    this.buffers = new Map();
    this.pipelines = new Map();
    this.plans = new Map();
    this.runs = new Map();
    this.layouts = new Map();
    this.staging = [];
    this.nextBuffer = 1;
    this.nextPipeline = 1;
    this.nextPlan = 1;
    this.nextRun = 1;
    this.costPerMs = 0;
    this.ahead = { ...NOTHING }; // submitted since somebody waited, and when it began
    device.pushErrorScope("validation");
    device.lost.then((info) => { this.lost = info.message || info.reason || "unknown"; });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.uncaptured ||= event.error.message;
    });
  }

  // The first validation error since the last call: one scope is always open, below those of single
  // calls, so that no run pays for one and the read or the wait after it tells.
  async #refusal() {
    const { device } = this;
    const found = device.popErrorScope();
    device.pushErrorScope("validation");
    const error = await found.catch(() => null); // a lost device is told by `lost`
    return error?.message ?? "";
  }

  // → "" or why a buffer could not be made; then none of this call's buffers exists.
  async createBuffers(sizes) {
    const { device } = this;
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    const made = sizes.map((size) => device.createBuffer({
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    }));
    const scopes = [device.popErrorScope(), device.popErrorScope()];
    const failed = (await Promise.all(scopes)).find(Boolean);
    if (failed) {
      made.forEach((buffer) => buffer.destroy());
      return JSON.stringify({ error: failed.message });
    }
    return JSON.stringify({ buffers: made.map((buffer) => this.#register(buffer)) });
  }

  #register(buffer) {
    const number = this.nextBuffer++;
    this.buffers.set(number, buffer);
    return number;
  }

  destroyBuffers(numbers) {
    const gone = new Set();
    for (const number of numbers) {
      this.buffers.get(number)?.destroy();
      this.buffers.delete(number);
      gone.add(String(number));
    }
    for (const { bindGroups } of this.plans.values()) {
      for (const key of bindGroups.keys()) {
        if (key.split(",").some((number) => gone.has(number))) bindGroups.delete(key);
      }
    }
  }

  write(number, bytes) {
    // WebGPU copies whole words: a last odd byte goes up with padding.
    const aligned = bytes.byteLength & ~(COPY_ALIGNMENT - 1);
    const { queue } = this.device;
    const buffer = this.buffers.get(number);
    if (aligned) queue.writeBuffer(buffer, 0, bytes, 0, aligned);
    if (aligned < bytes.byteLength) {
      const tail = new Uint8Array(COPY_ALIGNMENT);
      tail.set(bytes.subarray(aligned));
      queue.writeBuffer(buffer, aligned, tail);
    }
  }

  // In pieces: browsers map far less at once than a buffer may have.
  async read(number, size) {
    const bytes = new Uint8Array(size);
    for (let first = 0; first < size; first += READ_PIECE) {
      await this.#readPiece(number, first, bytes.subarray(first, first + READ_PIECE));
    }
    return bytes;
  }

  async #readPiece(number, first, bytes) {
    const { device } = this;
    const padded = Math.ceil(bytes.length / COPY_ALIGNMENT) * COPY_ALIGNMENT;
    const staging = this.#takeStaging(padded);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.buffers.get(number), first, staging, 0, padded);
    device.queue.submit([encoder.finish()]);
    this.ahead = { ...NOTHING };
    const refusal = this.#refusal();
    try {
      await settled(staging.mapAsync(GPUMapMode.READ, 0, padded), device.queue);
      const message = await refusal;
      if (message) throw new Error(message);
    } catch (error) {
      staging.destroy();
      await this.lossKnown();
      this.uncaptured = ""; // it is told here, not by the next run
      throw error;
    }
    bytes.set(new Uint8Array(staging.getMappedRange(0, padded)).subarray(0, bytes.length));
    staging.unmap();
    this.staging.push(staging);
  }

  // One staging buffer is kept between reads; it grows to the largest read so far.
  #takeStaging(size) {
    const kept = this.staging.pop();
    if (kept && kept.size >= size) return kept;
    kept?.destroy();
    return this.device.createBuffer({
      size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  #layout(reads) {
    let layout = this.layouts.get(reads);
    if (!layout) {
      const entries = Array.from({ length: reads + 1 }, (_, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: binding < reads ? READ_ONLY : "storage" },
      }));
      const group = this.device.createBindGroupLayout({ entries });
      const pipeline = this.device.createPipelineLayout({ bindGroupLayouts: [group] });
      this.layouts.set(reads, layout = { group, pipeline });
    }
    return layout;
  }

  // `kernels` is JSON: [[source, number of buffers read], …] → JSON {pipelines} or {error, …}.
  async createPipelines(kernels) {
    const made = await Promise.all(JSON.parse(kernels).map((kernel) => this.#compile(...kernel)));
    const failed = made.find((one) => one.error);
    if (failed) return JSON.stringify(failed);
    return JSON.stringify({ pipelines: made.map((one) => {
      this.pipelines.set(this.nextPipeline, one);
      return this.nextPipeline++;
    }) });
  }

  async #compile(source, reads) {
    const { device } = this;
    const layout = this.#layout(reads);
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code: source });
    const scope = device.popErrorScope();
    try {
      const pipeline = await device.createComputePipelineAsync({
        layout: layout.pipeline, compute: { module, entryPoint: "main" },
      });
      await scope;
      return { pipeline, layout };
    } catch (error) {
      await scope;
      const { messages } = await module.getCompilationInfo();
      const worst = messages.find((message) => message.type === "error");
      return {
        error: worst?.message ?? error.message, source,
        line: worst?.lineNum ?? 0, column: worst?.linePos ?? 0,
      };
    }
  }

  releasePipeline(number) {
    this.pipelines.delete(number);
  }

  // `commands` is JSON, each [cost, pipeline, x, y, z, slot, offset, size, …] → the plan's number.
  record(commands) {
    const plan = new Plan(JSON.parse(commands).map(([cost, pipeline, x, y, z, ...operands]) => (
      { cost, pipeline: this.pipelines.get(pipeline), x, y, z, operands }
    )));
    this.plans.set(this.nextPlan, plan);
    return this.nextPlan++;
  }

  release(number) {
    this.plans.delete(number);
  }

  #bindGroupsOf(plan, buffers) {
    const key = buffers.join();
    let groups = plan.bindGroups.get(key);
    if (!groups) {
      if (plan.bindGroups.size >= BIND_GROUP_SETS_PER_PLAN) {
        plan.bindGroups.delete(plan.bindGroups.keys().next().value);
      }
      groups = plan.commands.map((command) => this.#bindGroup(command, buffers));
      plan.bindGroups.set(key, groups);
    }
    return groups;
  }

  #bindGroup({ pipeline, operands }, buffers) {
    const entries = [];
    for (let at = 0; at < operands.length; at += 3) {
      const [slot, offset, size] = operands.slice(at, at + 3);
      const buffer = this.buffers.get(buffers[slot]);
      entries.push({ binding: at / 3, resource: { buffer, offset, size } });
    }
    return this.device.createBindGroup({ layout: pipeline.layout.group, entries });
  }

  // Submits plan `number`. `operands` are `count` pairs of a buffer and the float32 to write there
  // first, then a buffer per slot. Returns 0 where all of it was submitted, -1 where there is also
  // something to tell (`lost`, `takeError`), else a run that `step` carries on.
  run(number, count, ...operands) {
    const plan = this.plans.get(number);
    for (let at = 0; at < 2 * count; at += 2) {
      const value = Float32Array.of(operands[at + 1]);
      this.device.queue.writeBuffer(this.buffers.get(operands[at]), 0, value);
    }
    const buffers = count ? operands.slice(2 * count) : operands;
    const run = {
      plan, buffers, next: 0, groups: this.#bindGroupsOf(plan, buffers),
    };
    const { cost, dispatches } = this.ahead;
    if (cost + plan.cost <= this.#batchBudget() && dispatches <= MOST_DISPATCHES_AHEAD) {
      this.#submit(run, Infinity);
      return this.lost || this.uncaptured ? -1 : 0;
    }
    this.runs.set(this.nextRun, run);
    return this.nextRun++;
  }

  #batchBudget() {
    return this.costPerMs ? this.costPerMs * BATCH_TARGET_MS : FIRST_BATCH_COST;
  }

  #submit(run, budget) {
    const { commands } = run.plan;
    const encoder = this.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const first = run.next;
    let cost = 0;
    for (; run.next < commands.length; run.next++) {
      const command = commands[run.next];
      if (cost > 0 && cost + command.cost > budget) break;
      cost += command.cost;
      pass.setPipeline(command.pipeline.pipeline);
      pass.setBindGroup(0, run.groups[run.next]);
      pass.dispatchWorkgroups(command.x, command.y, command.z);
    }
    pass.end();
    this.device.queue.submit([encoder.finish()]);
    this.ahead.since ||= performance.now();
    this.ahead.cost += cost;
    this.ahead.dispatches += run.next - first;
    return cost;
  }

  // Submits the next batch and waits for it; resolves to whether more is left.
  async step(number) {
    const run = this.runs.get(number);
    const budget = this.#batchBudget();
    const { cost: earlier, since } = this.ahead;
    const begin = since || performance.now();
    const cost = earlier + this.#submit(run, budget);
    await this.synchronize();
    this.#measured(cost, performance.now() - begin, !since);
    if (run.next >= run.plan.commands.length) this.runs.delete(number);
    return this.runs.has(number);
  }

  #measured(cost, elapsed, exactly) {
    const rate = cost / Math.max(elapsed, 0.1);
    // The first batches are dominated by latency: let the rate grow by steps, and fall at once,
    // unless the time may have passed between submissions, with nothing to do.
    const before = this.costPerMs || (exactly ? rate : FIRST_BATCH_COST / BATCH_TARGET_MS);
    const measured = Math.min(rate, before * BATCH_GROWTH);
    this.costPerMs = exactly ? measured : Math.max(measured, before);
  }

  // A run of which `stepTimed` submits everything.
  beginTimed(number, ...buffers) {
    const plan = this.plans.get(number);
    this.runs.set(this.nextRun, {
      plan, buffers, next: 0, groups: this.#bindGroupsOf(plan, buffers),
    });
    return this.nextRun++;
  }

  // Submits a run's next dispatches, each in a pass of its own, and waits for them → JSON
  // [[begin, milliseconds], …] by the GPU's clock or, without `timestamps`, by the wall clock.
  async stepTimed(number, timestamps) {
    const run = this.runs.get(number);
    const { commands } = run.plan;
    const budget = this.#batchBudget();
    const most = Math.min(run.next + (timestamps ? TIMED_AT_ONCE : 1), commands.length);
    const first = run.next;
    for (let cost = 0; run.next < most; run.next++) {
      cost += commands[run.next].cost;
      if (run.next > first && cost > budget) break;
    }
    if (first === run.next) return "[]";
    if (timestamps) return JSON.stringify(await this.#byTimestamps(run, first, run.next));
    const begin = performance.now();
    const encoder = this.device.createCommandEncoder();
    this.#encode(encoder.beginComputePass(), run, first);
    this.device.queue.submit([encoder.finish()]);
    await this.synchronize();
    return JSON.stringify([[0, performance.now() - begin]]);
  }

  async #byTimestamps(run, first, last) {
    const { device } = this;
    const count = 2 * (last - first);
    const size = 8 * count;
    const querySet = device.createQuerySet({ type: "timestamp", count });
    const resolved = device.createBuffer({
      size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const staging = device.createBuffer({
      size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = device.createCommandEncoder();
      for (let at = first; at < last; at++) {
        const beginningOfPassWriteIndex = 2 * (at - first);
        this.#encode(encoder.beginComputePass({ timestampWrites: {
          querySet, beginningOfPassWriteIndex, endOfPassWriteIndex: beginningOfPassWriteIndex + 1,
        } }), run, at);
      }
      this.ahead = { ...NOTHING };
      encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await settled(staging.mapAsync(GPUMapMode.READ), device.queue);
      const ticks = new BigUint64Array(staging.getMappedRange());
      return Array.from({ length: last - first }, (_, at) => {
        const [begin, end] = ticks.subarray(2 * at, 2 * at + 2);
        return [Number(begin - ticks[0]) / 1e6, Math.max(Number(end - begin), 0) / 1e6];
      });
    } finally {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    }
  }

  // One dispatch as a whole pass.
  #encode(pass, run, number) {
    const command = run.plan.commands[number];
    pass.setPipeline(command.pipeline.pipeline);
    pass.setBindGroup(0, run.groups[number]);
    pass.dispatchWorkgroups(command.x, command.y, command.z);
    pass.end();
  }

  abandon(number) {
    this.runs.delete(number);
  }

  async synchronize() {
    this.ahead = { ...NOTHING };
    const refusal = this.#refusal();
    await settled(this.device.queue.onSubmittedWorkDone(), this.device.queue);
    this.uncaptured ||= await refusal;
  }

  // After a failure: waits until it is known whether the device is gone. A failing map is the first
  // sign of it; browsers resolve `lost` later (Firefox when it polls).
  async lossKnown() {
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(resolve, LOSS_PATIENCE_MS); });
    await Promise.race([this.device.lost, late]);
    clearTimeout(timer);
    return this.lost;
  }

  // The first error that no scope caught, and forgets it.
  takeError() {
    const error = this.uncaptured;
    this.uncaptured = "";
    return error;
  }

  destroy() {
    this.device.destroy();
  }

  // What the adapter and device are, as JSON.
  describe() {
    const { vendor, architecture, device, description, driver } = this.adapter.info;
    const limits = {};
    for (const name in this.device.limits) limits[name] = this.device.limits[name];
    const software = this.adapter.info.isFallbackAdapter ?? this.adapter.isFallbackAdapter ?? false;
    return JSON.stringify({
      vendor, architecture, device, description, driver, limits, software,
      features: [...this.device.features],
      wgsl_features: [...(navigator.gpu.wgslLanguageFeatures ?? [])],
    });
  }
}

const WANTED_FEATURES = ["shader-f16", "subgroups", "timestamp-query"];
const WANTED_LIMITS = [
  "maxBufferSize", "maxStorageBufferBindingSize", "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup", "maxComputeWorkgroupSizeX",
];

// → a Replay, or text that says why there is none.
export async function open(powerPreference) {
  const { gpu } = navigator;
  if (!gpu) {
    return globalThis.isSecureContext
      ? "this browser has no WebGPU (navigator.gpu is missing)"
      : "WebGPU needs a secure page: https, or http on localhost";
  }
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) return "the browser has WebGPU but offers no adapter (no suitable or allowed GPU)";
  const requiredLimits = {};
  for (const name of WANTED_LIMITS) requiredLimits[name] = adapter.limits[name];
  const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  const replay = new Replay(adapter, device);
  globalThis.webtensorReplay = replay;
  return replay;
}

// Small settings, kept in IndexedDB; where that is not allowed nothing is kept.
const settings = (mode, act) => new Promise((resolve) => {
  const opening = indexedDB.open("webtensor-settings", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("settings");
  opening.onerror = () => resolve(undefined);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction("settings", mode);
    const request = act(transaction.objectStore("settings"));
    const end = () => { opening.result.close(); resolve(request.result); };
    transaction.oncomplete = end;
    transaction.onabort = end;
  };
});

export async function remember(key, text) {
  try { await settings("readwrite", (store) => store.put(text, key)); } catch { /* not allowed */ }
}

export async function recall(key) {
  try { return await settings("readonly", (store) => store.get(key)) ?? ""; } catch { return ""; }
}

(globalThis.webtensorModules ??= {}).replay = { open, recall, remember };
