#!/usr/bin/env bash
# outlines-core 0.2.14: parts of a JSON schema that its pattern leaves out.
#
# A guess would be: what the pattern lets through is valid for the schema, or the schema is refused.
# Seen: minimum, exclusiveMinimum, multipleOf and uniqueItems are dropped without a word, while "not" is
# refused. A "pattern" must fit the whole string, where JSON Schema looks for it anywhere.
# Keys must come in the order of "properties", although an object has none. 1.0, a valid integer, is not let through.
#
# What to do: check the reply against the schema again, with a validator.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install outlines-core==0.2.14 jsonschema==4.26.0
observe <<'PY'
import json, re
import jsonschema
from outlines_core.json_schema import build_regex_from_schema

pair = {"type": "object", "properties": {"b": {"type": "integer"}, "a": {"type": "integer"}}, "required": ["a", "b"]}
for schema, reply in [({"type": "integer", "minimum": 5}, "1"), ({"type": "integer", "multipleOf": 5}, "7"), ({"type": "number", "exclusiveMinimum": 0}, "-3"),
                      ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, "[1,1]"), ({"type": "string", "pattern": "a"}, '"bab"'),
                      (pair, '{"b":1,"a":2}'), (pair, '{"a":2,"b":1}'), ({"type": "integer"}, "1.0")]:
    lets_through = re.fullmatch(build_regex_from_schema(json.dumps(schema)), reply) is not None
    valid = jsonschema.Draft202012Validator(schema).is_valid(json.loads(reply))
    print(json.dumps(schema)[:70], reply, f"lets through {lets_through}, valid {valid}")
try: build_regex_from_schema('{"not": {"type": "integer"}}')
except ValueError: print("not: ValueError")
PY
expect <<'SEEN'
{"type": "integer", "minimum": 5} 1 lets through True, valid False
{"type": "integer", "multipleOf": 5} 7 lets through True, valid False
{"type": "number", "exclusiveMinimum": 0} -3 lets through True, valid False
{"type": "array", "items": {"type": "integer"}, "uniqueItems": true} [1,1] lets through True, valid False
{"type": "string", "pattern": "a"} "bab" lets through False, valid True
{"type": "object", "properties": {"b": {"type": "integer"}, "a": {"typ {"b":1,"a":2} lets through True, valid True
{"type": "object", "properties": {"b": {"type": "integer"}, "a": {"typ {"a":2,"b":1} lets through False, valid True
{"type": "integer"} 1.0 lets through False, valid True
not: ValueError
SEEN
