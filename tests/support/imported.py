"""What a process of the command line imports, made once for all that are forked (forked.py)."""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module

import channels
import hub
import workers

OTHERS = ("uvicorn.loops.uvloop", "uvicorn.protocols.http.h11_impl", "sniffio", "encodings.idna", "stringprep")

for package in (hub, channels, workers):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
for name in OTHERS:
    import_module(name)
gc.collect()
gc.freeze()
