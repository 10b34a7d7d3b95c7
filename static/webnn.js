// WebNN for webtensor: tensors and graphs by number, a whole graph built in one call.
//
// The contract is `ML` in py/webtensor/host/base.py. Specification: https://www.w3.org/TR/webnn/

const DEVICE_TYPES = ["npu", "gpu", "cpu"];

export class Networks {
  constructor(context, requested, granted) {
    this.context = context;
    this.requested = requested;
    this.granted = granted;
    this.lost = "";
    this.tensors = new Map();
    this.graphs = new Map();
    this.nextTensor = 1;
    this.nextGraph = 1;
    context.lost?.then((info) => { this.lost = info?.message || "the browser closed the context"; });
  }

  // `descriptions` is JSON: [[data type, shape], …] → JSON {tensors} or {error}.
  async createTensors(descriptions) {
    const made = await Promise.allSettled(JSON.parse(descriptions).map(
      ([dataType, shape]) => this.context.createTensor({
        dataType, shape, readable: true, writable: true,
      }),
    ));
    const failed = made.find((one) => one.status === "rejected");
    if (failed) {
      made.forEach((one) => one.value?.destroy());
      return JSON.stringify({ error: String(failed.reason) });
    }
    return JSON.stringify({ tensors: made.map(({ value }) => {
      this.tensors.set(this.nextTensor, value);
      return this.nextTensor++;
    }) });
  }

  destroyTensors(numbers) {
    for (const number of numbers) {
      this.tensors.get(number)?.destroy();
      this.tensors.delete(number);
    }
  }

  write(number, bytes) {
    this.context.writeTensor(this.tensors.get(number), bytes);
  }

  async read(number) {
    return new Uint8Array(await this.context.readTensor(this.tensors.get(number)));
  }

  // `graph` is JSON: {inputs: [[data type, shape], …],
  //   steps: [[method, [operand numbers], positional arguments, options], …],
  //   outputs: [operand numbers]}. Operands are numbered inputs first, then one per step; the step
  // "constant" has the arguments [data type, value] and makes a scalar.
  async build(graph) {
    const { inputs, steps, outputs } = JSON.parse(graph);
    try {
      const builder = new MLGraphBuilder(this.context);
      const operands = inputs.map(([dataType, shape], number) => builder.input(
        `input${number}`, { dataType, shape, dimensions: shape },
      ));
      for (const [method, numbers, args, options] of steps) {
        if (method === "constant") {
          operands.push(builder.constant(
            { dataType: args[0], shape: [], dimensions: [] }, scalarBytes(...args),
          ));
          continue;
        }
        const taken = numbers.map((one) => operands[one]);
        const first = method === "concat" ? [taken] : taken;
        operands.push(builder[method](...first, ...args, options));
      }
      const named = Object.fromEntries(outputs.map((one, at) => [`output${at}`, operands[one]]));
      const compiled = await builder.build(named);
      this.graphs.set(this.nextGraph, {
        compiled, inputs: inputs.length, names: Object.keys(named),
      });
      return JSON.stringify({ graph: this.nextGraph++ });
    } catch (error) {
      return JSON.stringify({ error: String(error) });
    }
  }

  // `numbers` are the input tensors, then the output tensors.
  run(number, ...numbers) {
    const { compiled, inputs, names } = this.graphs.get(number);
    const tensors = numbers.map((one) => this.tensors.get(one));
    this.context.dispatch(
      compiled,
      Object.fromEntries(tensors.slice(0, inputs).map((one, at) => [`input${at}`, one])),
      Object.fromEntries(names.map((name, at) => [name, tensors[inputs + at]])),
    );
  }

  release(...numbers) {
    for (const number of numbers) {
      this.graphs.get(number)?.compiled.destroy?.();
      this.graphs.delete(number);
    }
  }

  destroy() {
    this.context.destroy?.();
  }

  describe() {
    const limits = this.context.opSupportLimits();
    const operators = Object.keys(limits).filter(
      (name) => typeof limits[name] === "object" && !["input", "constant", "output"].includes(name),
    );
    return JSON.stringify({
      requested: this.requested, device_types: this.granted, operators: operators.length, limits,
    });
  }
}

// float16 comes as its bits: not every browser has Float16Array.
const ARRAYS = {
  float16: Uint16Array, float32: Float32Array, int32: Int32Array, uint32: Uint32Array, int8: Int8Array, uint8: Uint8Array,
};

function scalarBytes(dataType, value) {
  // JSON has no NaN and no infinities: they come as text.
  return new ARRAYS[dataType]([Number(value)]).buffer;
}

// → Networks on the CPU context (the others are asked for, to be reported), or text that says why
// there is none. A browser may grant a device type that it does not have, so types are as
// requested.
export async function open() {
  const { ml } = navigator;
  if (!ml) {
    return globalThis.isSecureContext
      ? "this browser has no WebNN (navigator.ml is missing)"
      : "WebNN needs a secure page: https, or http on localhost";
  }
  const contexts = new Map();
  const refusals = [];
  for (const deviceType of DEVICE_TYPES) {
    try {
      contexts.set(deviceType, await ml.createContext({ deviceType }));
    } catch (error) {
      refusals.push(`${deviceType}: ${error.message ?? error}`);
    }
  }
  if (!contexts.size) return `the browser refused every WebNN context (${refusals.join("; ")})`;
  const granted = [...contexts.keys()];
  const chosen = granted.at(-1);
  for (const [deviceType, context] of contexts) if (deviceType !== chosen) context.destroy?.();
  const networks = new Networks(contexts.get(chosen), chosen, granted);
  globalThis.webtensorNetworks = networks;
  return networks;
}

(globalThis.webtensorModules ??= {}).webnn = { open };
