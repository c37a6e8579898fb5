// What llama.cpp makes of documents: on each line the token ids, then the sum of their log-probabilities.
// Documents come on standard input, each ended by a NUL. Used by check_llama.py.
#include <cmath>
#include <cstdio>
#include <iterator>
#include <iostream>
#include <string>
#include <vector>
#include "llama.h"

int main(int, char ** argv) {
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    llama_backend_init();
    llama_model * model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (!model) { std::fprintf(stderr, "cannot load %s\n", argv[1]); return 1; }
    const llama_vocab * vocab = llama_model_get_vocab(model);
    const int width = llama_vocab_n_tokens(vocab), limit = std::atoi(argv[2]);
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = 1;
    params.type_k = params.type_v = GGML_TYPE_F32;
    llama_context * context = llama_init_from_model(model, params);
    std::string all(std::istreambuf_iterator<char>(std::cin), {}), text;
    int number = 0;
    for (size_t at = 0; at < all.size(); at += text.size() + 1, number++) {
        text = all.c_str() + at;
        std::vector<llama_token> ids(text.size() + 8);
        ids.resize(llama_tokenize(vocab, text.data(), text.size(), ids.data(), ids.size(), true, true));
        double sum = 0;
        if (number < limit) {
            llama_memory_clear(llama_get_memory(context), true);
            llama_batch batch = llama_batch_init(ids.size(), 0, 1);
            batch.n_tokens = ids.size();
            for (size_t i = 0; i < ids.size(); i++) {
                batch.token[i] = ids[i]; batch.pos[i] = i; batch.n_seq_id[i] = 1; batch.seq_id[i][0] = 0; batch.logits[i] = 1;
            }
            if (llama_decode(context, batch)) return 1;
            for (size_t i = 0; i + 1 < ids.size(); i++) {
                const float * logits = llama_get_logits_ith(context, i);
                double total = 0;
                for (int t = 0; t < width; t++) total += std::exp((double) logits[t]);
                sum += logits[ids[i + 1]] - std::log(total);
            }
            llama_batch_free(batch);
        }
        for (llama_token id : ids) std::printf("%d ", id);
        std::printf("%.4f\n", sum);
    }
}
