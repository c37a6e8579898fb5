#!/usr/bin/env bash
# The gguf package 0.19.0: what its writer writes is not always what it was given.
#
# A guess would be: an array is stored as it is, or refused.
# Seen: an empty array is not written at all, and no error says so: a tokenizer without merges
# has no key for them, and who reads the file cannot tell "none" from "forgotten". Whole numbers
# of an array are 32 bits wide whatever they are; a larger one raises struct.error. A shape is
# stored the other way round: the reader's tensor.shape of a 2 x 3 array is [3, 2].
#
# What to do: read back what you wrote; write wide integers as texts or as single keys.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install gguf==0.19.0 numpy==2.4.6
observe "$folder/a.gguf" <<'PY'
import struct, sys
import gguf, numpy

def written(values):
    file = gguf.GGUFWriter(sys.argv[1], "llama")
    file.add_array("values", values)
    file.add_tensor("matrix", numpy.zeros((2, 3), numpy.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    return gguf.GGUFReader(sys.argv[1])

for values in ([], ["a"], [1, 2], [2**40]):
    try: reader = written(values)
    except struct.error as error: print(values, "raises struct.error"); continue
    field = reader.fields.get("values")
    print(values, "->", "no such key" if field is None else f"{field.contents()} {field.types[-1].name}", reader.tensors[0].shape.tolist())
PY
expect <<'SEEN'
[] -> no such key [3, 2]
['a'] -> ['a'] STRING [3, 2]
[1, 2] -> [1, 2] INT32 [3, 2]
[1099511627776] raises struct.error
SEEN
