"""The devices: `webgpu`, `webnn` and `cpu` behind one contract (`base`)."""
