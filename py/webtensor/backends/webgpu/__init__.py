"""WebGPU: graphs become WGSL kernels, recorded once and replayed in one call."""
