// Products of quantised weights with any number of rows; see quantised-rows.c. ggml.h comes before it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Weight rows that are multiplied at once: one thread takes a strip of them.
#define ROWS_STRIP 16

// Whether this processor and these weights (rows of k values) go this way. It does not depend on how many rows there
// are to multiply with: a row's bits must not.
bool rows_can(enum ggml_type type, int64_t k);

// Bytes of one prepared row of k values.
size_t rows_size(int64_t k);

// Prepares the values [begin, end) of a row, whole blocks of 32: threads may share a row.
void rows_prepare(const float * values, void * row, int64_t k, int64_t begin, int64_t end);

// The product of weight row i and prepared row j goes to place i of result + j * result_stride. Strides are in bytes.
struct rows_product {
    enum ggml_type type;
    int64_t k, weight_rows, count;
    const void * weights;
    size_t weight_stride;
    const void * rows;
    void * result;
    size_t result_stride;
};

// The products of the weight rows [first, first + ROWS_STRIP), as far as there are any, with all prepared rows.
void rows_multiply(const struct rows_product * product, int64_t first);

#ifdef __cplusplus
}
#endif
