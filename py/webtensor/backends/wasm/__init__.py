"""Kernels for the CPU in the browser: WebAssembly with SIMD, assembled at run time."""
