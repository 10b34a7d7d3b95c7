"""Runs Python for webtensor-worker.js, in the worker's interpreter: each run is one asyncio task.

The worker evaluates this file, hands two functions to `configure`, then calls `start` and `cancel`.
What a run prints is found by a context variable, so that runs which wait at an `await` can overlap.
"""

import asyncio
import builtins
import contextvars
import io
import linecache
import sys
import traceback

import pyodide_js
from pyodide.code import eval_code_async, find_imports
from pyodide.ffi import JsProxy, jsnull, to_js

# What an element of an input's buffer is, where {data, shape, dtype} names it.
FORMATS = {
    "bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q", "float16": "e",
    "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip
DTYPES = {memory_format: dtype for dtype, memory_format in FORMATS.items()} | {
    "l": "int32",  # of four bytes in WebAssembly
    "L": "uint32",
}
ARRAY_DTYPES = {*FORMATS, "complex64", "complex128"}
MAXIMUM_TEXT = 20_000  # characters of a displayed value

current_run = contextvars.ContextVar("current_run", default=None)
namespaces = {}
tasks = {}
write_output = None
make_array = None
progress = None


class RunOutput(io.TextIOBase):
    """stdout or stderr: what a run writes goes to that run, anything else to the console."""

    encoding = "utf-8"

    def __init__(self, name, console):
        self.name = name
        self.console = console

    def writable(self):
        return True

    def write(self, text):
        run = current_run.get()
        if run is None:
            return self.console.write(text)
        write_output(run, self.name, text, False)
        return len(text)

    def flush(self):
        run = current_run.get()
        if run is not None:
            write_output(run, self.name, "", True)


def configure(*functions):
    """Take the JavaScript `write_output`, `make_array` and `progress` of the worker."""
    global write_output, make_array, progress
    write_output, make_array, progress = functions
    sys.stdout = RunOutput("stdout", sys.stdout)
    sys.stderr = RunOutput("stderr", sys.stderr)


def start(run, source, inputs, namespace, display):
    """Start `source` as a task; its result is the message that answers the run."""
    task = asyncio.ensure_future(_run(run, source, inputs, namespace, display))
    tasks[run] = task
    task.add_done_callback(lambda _: tasks.pop(run))
    return task


def cancel(run):
    """Ask the run's task to stop where it next waits; nothing where it has ended."""
    if run in tasks:
        tasks[run].cancel()


async def _run(run, source, inputs, namespace, display):
    current_run.set(run)
    filename = f"<run {run}>"
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)  # for tracebacks
    new = {"__name__": "__main__", "__builtins__": builtins}
    variables = namespaces.setdefault(namespace, new) if namespace else new
    try:
        variables.update({name: _input(value) for name, value in inputs.to_py().items()})
        await _load_packages(source)
        value = await eval_code_async(source, variables, filename=filename)
        value = await (_text(value) if display else _output(value))
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except SystemExit:
        value = jsnull
    except BaseException as error:
        return to_js(_error(error, filename))
    finally:
        if not namespace:
            linecache.cache.pop(filename, None)
    return to_js({"type": "value", "value": value})


async def _load_packages(source):
    """Load the packages beside Pyodide (numpy) that the code imports and that are not there yet."""
    try:
        imports = find_imports(source)
    except SyntaxError:
        return  # raised, with its line, where the code is compiled
    known = pyodide_js._api._import_name_to_package_name
    packages = {known.get(name) for name in imports} - {None, jsnull}
    missing = packages - set(pyodide_js.loadedPackages.to_py())
    if missing:
        progress("packages", f"Loading {', '.join(sorted(missing))}")
        await pyodide_js.loadPackage(to_js(list(missing)), messageCallback=_ignore)
        progress("ready", "Ready")


def _ignore(message):
    """Drop Pyodide's own words on a package that loads; its errors go to the console."""


def _input(value):
    if isinstance(value, dict):
        value = {key: _input(item) for key, item in value.items()}
        is_array = isinstance(value.get("data"), memoryview) and "shape" in value
        return _shaped(**value) if is_array else value
    if isinstance(value, list):
        return [_input(item) for item in value]
    return None if value is jsnull else value


def _shaped(data, shape, dtype=None):
    memory_format = FORMATS[dtype] if dtype else data.format
    if not shape:
        return data.cast("B").cast(memory_format)[0]
    return data.cast("B").cast(memory_format, shape)


async def _output(value):
    """Turn a result into what JavaScript gets, arrays as {data, shape, dtype}."""
    value = await _read(value)
    if value is None:
        return jsnull
    if isinstance(value, str | int | float | JsProxy):
        return value
    if isinstance(value, dict):
        return {str(key): await _output(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [await _output(item) for item in value]
    numpy = sys.modules.get("numpy")
    if numpy and isinstance(value, numpy.generic):
        return await _output(value.item())
    if numpy and isinstance(value, numpy.ndarray):
        dtype = value.dtype.newbyteorder("=")
        if dtype.name not in ARRAY_DTYPES:
            raise TypeError(f"an array of dtype {dtype} has no form in JavaScript")
        raw = numpy.ascontiguousarray(value, dtype).reshape(-1).view(numpy.uint8)
        return make_array(raw, to_js(value.shape), dtype.name)
    try:
        view = memoryview(value)
    except TypeError:
        kind = type(value).__name__
        message = (
            f"a result of type {kind!r} has no form in JavaScript; end with an array, a number,"
        )
        raise TypeError(f"{message} text, a list or a dict") from None
    raw = memoryview(view.tobytes())
    return make_array(raw, to_js(view.shape), DTYPES[view.format.lstrip("@<=")])


async def _text(value):
    """The value's text as a notebook shows it; a Tensor is read for that."""
    if value is None:
        return jsnull
    read = await _read(value)
    if read is value:
        text = repr(value)
    else:
        numpy = sys.modules["numpy"]
        numbers = numpy.array2string(read, separator=", ", prefix="tensor(", threshold=200)
        text = f"tensor({numbers}, shape={read.shape}, dtype={read.dtype}, device={value.device!r})"
    return text if len(text) <= MAXIMUM_TEXT else f"{text[:MAXIMUM_TEXT]}…"


async def _read(value):
    """The numpy array of a Tensor, any other value as it is."""
    webtensor = sys.modules.get("webtensor")
    return await value.numpy() if webtensor and isinstance(value, webtensor.Tensor) else value


def _error(error, filename):
    """The message that answers a run which raised, without the frames of any library."""
    summary = traceback.TracebackException.from_exception(error)
    line = None
    if isinstance(error, SyntaxError) and error.filename == filename:
        line = error.lineno
    for frame in summary.stack:
        if frame.filename == filename:
            line = frame.lineno
    _trim(summary)
    return {
        "type": "error",
        "name": type(error).__name__,
        "text": error.msg if isinstance(error, SyntaxError) else str(error),
        "traceback": "".join(summary.format()),
        "line": line,
    }


def _trim(summary):
    own = [frame for frame in summary.stack if frame.filename.startswith("<run ")]
    summary.stack = traceback.StackSummary.from_list(own)
    for related in (summary.__cause__, summary.__context__, *(summary.exceptions or ())):
        if related:
            _trim(related)
