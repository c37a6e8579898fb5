#!/usr/bin/env bash
# transformers 5.23.0: a prefix that is to be continued loses its end where the template trims.
#
# A guess would be: with continue_final_message the prompt ends with the last message, byte by byte.
# Seen: so it is if the template writes the content as it is. If it trims, as the templates of well-known
# families do, the newlines at the end go without a word: a search that cuts steps at "\n\n" and sends the
# text back continues in the middle of the step before. And apply_chat_template returns a
# dictionary by default, so len() of it is 2, the number of its keys, not of tokens.
#
# What to do: render the prompt once without the prefix, and append the prefix to it yourself.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install transformers==5.23.0 tokenizers==0.23.3 jinja2==3.1.6
observe <<'PY'
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE(vocab={"<unk>": 0}, merges=[], unk_token="<unk>")), unk_token="<unk>")
messages = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "Step 1.\n\n"}]
for content in ("m['content']", "m['content'] | trim"):
    tokenizer.chat_template = "{% for m in messages %}[{{ m['role'] }}] {{ " + content + " }}[end]{% endfor %}"
    print(content, "->", repr(tokenizer.apply_chat_template(messages, tokenize=False, continue_final_message=True)))
print("with tokens:", len(tokenizer.apply_chat_template(messages)), len(tokenizer.apply_chat_template(messages)["input_ids"]) > 2)
PY
expect <<'SEEN'
m['content'] -> '[user] 2 + 2?[end][assistant] Step 1.\n\n'
m['content'] | trim -> '[user] 2 + 2?[end][assistant] Step 1.'
with tokens: 2 True
SEEN
