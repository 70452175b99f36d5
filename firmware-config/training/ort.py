"""ONNX Runtime for the training scripts, through its C API: Debian has no Python package of it.

The models are scored and timed by the very library that the agent and the hub load, not by a re-implementation.
Slots are positions in `OrtApi` (onnxruntime_c_api.h), which only ever grows at its end.
"""
import ctypes as c
import glob
import os
import time

import numpy as np

API_VERSION = 17
SLOT = dict(
    get_error_message=2, create_env=3, create_session=7, run=9, create_session_options=10,
    set_optimized_model_path=11, set_graph_optimization_level=23, set_intra_op_threads=24,
    set_inter_op_threads=25, create_tensor_with_data=49, create_cpu_memory_info=69)
FLOAT = 1
MISSING = """ONNX Runtime's library was not found. Set LEPTON_ONNXRUNTIME to libonnxruntime.so.1, or fetch it:
  npm install --ignore-scripts --prefix DIR onnxruntime-node@1.30.0
  export LEPTON_ONNXRUNTIME=DIR/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1"""


def find_library():
    """Path of the native library: LEPTON_ONNXRUNTIME, or the copy that a build of the project fetched."""
    named = os.environ.get("LEPTON_ONNXRUNTIME")
    if named:
        return named
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    arch = {"x86_64": "x64", "aarch64": "arm64"}.get(os.uname().machine, "x64")
    found = sorted(glob.glob(f"{root}/**/linux/{arch}/libonnxruntime.so*", recursive=True)
                   + glob.glob(f"{root}/**/linux-{arch}/**/libonnxruntime.so*", recursive=True))
    if not found:
        raise SystemExit(MISSING)
    return found[0]


class Runtime:
    """The library and its environment."""

    def __init__(self, path=None):
        self.lib = c.CDLL(path or find_library())
        self.lib.OrtGetApiBase.restype = c.POINTER(c.c_void_p)
        base = self.lib.OrtGetApiBase()
        api = c.CFUNCTYPE(c.c_void_p, c.c_uint32)(base[0])(API_VERSION)
        self.version = c.CFUNCTYPE(c.c_char_p)(base[1])().decode()
        self.table = c.cast(api, c.POINTER(c.c_void_p))
        self.message = c.CFUNCTYPE(c.c_char_p, c.c_void_p)(self.table[SLOT["get_error_message"]])
        self.env = c.c_void_p()
        self.call("create_env", c.c_int(3), c.c_char_p(b"train"), c.byref(self.env))
        self.memory = c.c_void_p()
        self.call("create_cpu_memory_info", c.c_int(1), c.c_int(0), c.byref(self.memory))

    def call(self, name, *args):
        status = c.CFUNCTYPE(c.c_void_p, *[type(a) if not hasattr(a, "_obj") else c.c_void_p for a in args])(
            self.table[SLOT[name]])(*args)
        if status:
            raise RuntimeError(f"{name}: {self.message(status).decode()}")

    def tensor(self, array):
        """An OrtValue over the array's own memory; keep the array alive as long as the value."""
        assert array.dtype == np.float32 and array.flags.c_contiguous
        shape = (c.c_int64 * array.ndim)(*array.shape)
        value = c.c_void_p()
        self.call("create_tensor_with_data", self.memory, c.c_void_p(array.ctypes.data), c.c_size_t(array.nbytes),
                  c.cast(shape, c.c_void_p), c.c_size_t(array.ndim), c.c_int(FLOAT), c.byref(value))
        return value


class Session:
    """One model on one thread, with every graph optimisation."""

    def __init__(self, runtime, model_path, inputs=("input",), outputs=("output",), optimized_path=None):
        self.rt = runtime
        options, self.handle = c.c_void_p(), c.c_void_p()
        runtime.call("create_session_options", c.byref(options))
        runtime.call("set_graph_optimization_level", options, c.c_int(99))
        runtime.call("set_intra_op_threads", options, c.c_int(1))
        runtime.call("set_inter_op_threads", options, c.c_int(1))
        if optimized_path:
            runtime.call("set_optimized_model_path", options, c.c_char_p(optimized_path.encode()))
        runtime.call("create_session", runtime.env, c.c_char_p(model_path.encode()), options, c.byref(self.handle))
        self.names_in = (c.c_char_p * len(inputs))(*[n.encode() for n in inputs])
        self.names_out = (c.c_char_p * len(outputs))(*[n.encode() for n in outputs])
        self.run_fn = c.CFUNCTYPE(c.c_void_p, c.c_void_p, c.c_void_p, c.c_void_p, c.c_void_p, c.c_size_t,
                                  c.c_void_p, c.c_size_t, c.c_void_p)(runtime.table[SLOT["run"]])

    def bind(self, x, y):
        """A call that runs the model from array `x` into array `y`, both kept by it."""
        values_in = (c.c_void_p * 1)(self.rt.tensor(x))
        values_out = (c.c_void_p * 1)(self.rt.tensor(y))
        a, b, d, e = (c.cast(v, c.c_void_p) for v in (self.names_in, values_in, self.names_out, values_out))

        def run(keep=(x, y, values_in, values_out)):
            status = self.run_fn(self.handle, None, a, b, 1, d, 1, e)
            if status:
                raise RuntimeError(self.rt.message(status).decode())
        return run

    def score(self, x, width):
        """Outputs (N, width) of inputs (N, ...), one row at a time as the device does."""
        one, out = np.empty((1,) + x.shape[1:], np.float32), np.empty((1, width), np.float32)
        run, result = self.bind(one, out), np.empty((len(x), width), np.float32)
        for i, row in enumerate(x):
            one[0] = row
            run()
            result[i] = out[0]
        return result


def interleaved_medians(runs, rounds=60, per_round=50):
    """Median seconds of each call in `runs`, taken in turns so that a slow moment hits all alike."""
    times = [[] for _ in runs]
    for run in runs:
        for _ in range(100):
            run()
    for _ in range(rounds):
        for run, kept in zip(runs, times):
            for _ in range(per_round):
                start = time.perf_counter_ns()
                run()
                kept.append(time.perf_counter_ns() - start)
    return [float(np.median(kept)) * 1e-9 for kept in times]
