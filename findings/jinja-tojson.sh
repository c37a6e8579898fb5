#!/usr/bin/env bash
# Chat templates: tojson in Jinja2 3.1.6, in minijinja 3.0.5 and in transformers 5.23.0 are three filters.
#
# A guess would be: one template and the same tools give one prompt in every engine.
# Seen: Jinja2's own filter sorts the keys and writes < > & ' and é as escapes, made for HTML pages;
# minijinja's keeps the order and é, and escapes the rest; that of transformers, which models were
# trained on, keeps all. So the tools of a request are other tokens where a server uses the
# engine as it comes. minijinja also has no % on texts, and writes 1e20 in full.
#
# What to do: replace the filter, and compare rendered prompts byte by byte with transformers.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install jinja2==3.1.6 minijinja==3.0.5 transformers==5.23.0
observe <<'PY'
import jinja2, minijinja
from transformers.utils.chat_template_utils import render_jinja_template

tools = {"name": "find", "args": "a < b & 'é'"}
engines = {
    "jinja2": lambda t: jinja2.Environment().from_string(t).render(messages=[tools]),
    "minijinja": lambda t: minijinja.Environment().render_str(t, messages=[tools]),
    "transformers": lambda t: render_jinja_template(conversations=[[tools]], chat_template=t)[0][0],
}
for template in ("{{ messages[0] | tojson }}", "{{ '%s' % 'a' }}", "{{ 1e20 }}"):
    print(template)
    for name, render in engines.items():
        try: print(f"    {name}:", render(template))
        except Exception as error: print(f"    {name}: {type(error).__name__}")
PY
expect <<'SEEN'
{{ messages[0] | tojson }}
    jinja2: {"args": "a \u003c b \u0026 \u0027\u00e9\u0027", "name": "find"}
    minijinja: {"name": "find", "args": "a \u003c b \u0026 \u0027é\u0027"}
    transformers: {"name": "find", "args": "a < b & 'é'"}
{{ '%s' % 'a' }}
    jinja2: a
    minijinja: TemplateError
    transformers: a
{{ 1e20 }}
    jinja2: 1e+20
    minijinja: 100000000000000000000.0
    transformers: 1e+20
SEEN
