"""The test laboratory: real kernels in real (emulated) machines, driven from Python."""
