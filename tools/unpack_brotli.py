"""Runs in the checkout's environment: python unpack_brotli.py <source.br> <target file>."""

import sys

import brotli

CHUNK = 1 << 22

decoder = brotli.Decompressor()
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
    while chunk := source.read(CHUNK):
        target.write(decoder.process(chunk))
if not decoder.is_finished():
    sys.exit(f"{sys.argv[1]} ends too early")
