// Products of quantised weights with any number of rows, for processors with AVX-512 VNNI.
//
// ggml multiplies one weight row with one row of activations at a time, and decodes the weights anew for each. A search
// has many sequences in a batch: here 16 weight rows are decoded once, turned so that a register holds four values of
// each of the 16, and multiplied with all rows. A product is summed block by block in one order, whatever the number of
// rows, so a row's bits do not depend on its neighbours. They differ from those of ggml's own kernels, which other
// processors use, by rounding.
//
// Every format becomes one form: a weight is scale * u + offset, u in 0 ... 255, with scale and offset for a block of
// 32 values (Q6_K: 16). An activation is d * a, a in -127 ... 127, with d for a block of 32. A block's product is then
// scale * d * sum(u * a) + offset * d * sum(a); both sums are exact.

#define GGML_COMMON_DECL_C
#include "ggml-common.h"
#include "ggml.h"

#include "quantised-rows.h"

#include <string.h>

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)

#include <immintrin.h>

#define BLOCK 32
#define PANEL 2048  // values of a weight row that are decoded at once: a strip of them fits the first cache
#define ALWAYS static inline __attribute__((always_inline))

bool rows_can(enum ggml_type type, int64_t k) {
    if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))) {
        return false;
    }
    switch (type) {
        case GGML_TYPE_Q4_0: case GGML_TYPE_Q4_1: case GGML_TYPE_Q5_0: case GGML_TYPE_Q5_1: case GGML_TYPE_Q8_0:
            return k % BLOCK == 0;
        case GGML_TYPE_Q4_K: case GGML_TYPE_Q5_K: case GGML_TYPE_Q6_K:
            return k % QK_K == 0;
        default:
            return false;
    }
}

// ------------------------------------------------------------------------------------------------------- activations

// A prepared row: k values of one byte; d of each block of 32; d * sum(a) of each block of 16.
// Where the parts of a row begin, in bytes; the values are first.
ALWAYS size_t scales_at(int64_t k) { return (size_t) k; }
ALWAYS size_t sums_at(int64_t k) { return scales_at(k) + (size_t) (k / BLOCK * 4); }

size_t rows_size(int64_t k) {
    return (sums_at(k) + (size_t) (k / 16 * 4) + 63) / 64 * 64;
}

ALWAYS int sum16(__m128i bytes) {
    return _mm512_reduce_add_epi32(_mm512_cvtepi8_epi32(bytes));
}

void rows_prepare(const float * values, void * row, int64_t k, int64_t begin, int64_t end) {
    int8_t * bytes = (int8_t *) row;
    float * scales = (float *) ((char *) row + scales_at(k)), * sums = (float *) ((char *) row + sums_at(k));
    for (int64_t i = begin; i < end; i += BLOCK) {
        const __m512 low = _mm512_loadu_ps(values + i), high = _mm512_loadu_ps(values + i + 16);
        const float most = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
        const float d = most / 127, by = most > 0 ? 127 / most : 0;
        const __m128i a = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(low, _mm512_set1_ps(by))));
        const __m128i b = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(high, _mm512_set1_ps(by))));
        _mm_storeu_si128((__m128i *) (bytes + i), a);
        _mm_storeu_si128((__m128i *) (bytes + i + 16), b);
        scales[i / BLOCK] = d;
        sums[i / 16] = d * sum16(a);
        sums[i / 16 + 1] = d * sum16(b);
    }
}

// ----------------------------------------------------------------------------------------------------------- weights

// A decoded panel of a strip. Of each four values in turn, `values` has those of the 16 weight rows side by side.
struct panel {
    __m512i values[PANEL / 4];
    __m512 scales[PANEL / 16], offsets[PANEL / 16];
};

ALWAYS float half(ggml_half value) { return _cvtsh_ss(value); }

ALWAYS __m256i load32(const void * bytes) { return _mm256_loadu_si256((const __m256i *) bytes); }

// The bits of `mask` of 32 bytes that were shifted down.
ALWAYS __m256i low_bits(const uint8_t * bytes, int shift, int mask) {
    return _mm256_and_si256(_mm256_srli_epi16(load32(bytes), shift), _mm256_set1_epi8((char) mask));
}

// Half-bytes: the low ones are the first 16 values.
ALWAYS __m256i nibbles(const uint8_t * bytes) {
    const __m128i both = _mm_loadu_si128((const __m128i *) bytes);
    return _mm256_and_si256(_mm256_set_m128i(_mm_srli_epi16(both, 4), both), _mm256_set1_epi8(15));
}

// Bit i of 32, as 16 in byte i.
ALWAYS __m256i fifths(const uint8_t * bits) {
    uint32_t mask;
    memcpy(&mask, bits, 4);
    return _mm256_maskz_set1_epi8(mask, 16);
}

// Block number b (of 32 values) of a weight row, as u.
ALWAYS __m256i decode(const enum ggml_type type, const void * row, int64_t b) {
    const int j = (int) (b % 8);  // in a block of 256
    switch (type) {
        case GGML_TYPE_Q4_0: return nibbles(((const block_q4_0 *) row + b)->qs);
        case GGML_TYPE_Q4_1: return nibbles(((const block_q4_1 *) row + b)->qs);
        case GGML_TYPE_Q5_0: {
            const block_q5_0 * block = (const block_q5_0 *) row + b;
            return _mm256_or_si256(nibbles(block->qs), fifths(block->qh));
        }
        case GGML_TYPE_Q5_1: {
            const block_q5_1 * block = (const block_q5_1 *) row + b;
            return _mm256_or_si256(nibbles(block->qs), fifths(block->qh));
        }
        case GGML_TYPE_Q8_0:
            return _mm256_xor_si256(load32(((const block_q8_0 *) row + b)->qs), _mm256_set1_epi8((char) 128));
        case GGML_TYPE_Q4_K: return low_bits(((const block_q4_K *) row + b / 8)->qs + j / 2 * 32, j % 2 * 4, 15);
        case GGML_TYPE_Q5_K: {
            const block_q5_K * block = (const block_q5_K *) row + b / 8;
            const __mmask32 fifth = _mm256_test_epi8_mask(load32(block->qh), _mm256_set1_epi8((char) (1 << j)));
            return _mm256_or_si256(low_bits(block->qs + j / 2 * 32, j % 2 * 4, 15), _mm256_maskz_set1_epi8(fifth, 16));
        }
        default: {  // Q6_K: of each 128 values, block i has its low bits in half-byte i / 2 of ql, two more in qh
            const block_q6_K * block = (const block_q6_K *) row + b / 8;
            const int part = j / 4, i = j % 4;
            return _mm256_or_si256(low_bits(block->ql + part * 64 + i % 2 * 32, i / 2 * 4, 15),
                                   _mm256_slli_epi16(low_bits(block->qh + part * 32, i * 2, 3), 4));
        }
    }
}

// Scale and offset of block number b.
ALWAYS void read_scale(const enum ggml_type type, const void * row, int64_t b, float * scale, float * offset) {
    switch (type) {
        case GGML_TYPE_Q4_0: *scale = half(((const block_q4_0 *) row + b)->d); *offset = -8 * *scale; break;
        case GGML_TYPE_Q4_1: {
            const block_q4_1 * block = (const block_q4_1 *) row + b;
            *scale = half(block->d);
            *offset = half(block->m);
            break;
        }
        case GGML_TYPE_Q5_0: *scale = half(((const block_q5_0 *) row + b)->d); *offset = -16 * *scale; break;
        case GGML_TYPE_Q5_1: {
            const block_q5_1 * block = (const block_q5_1 *) row + b;
            *scale = half(block->d);
            *offset = half(block->m);
            break;
        }
        default: *scale = half(((const block_q8_0 *) row + b)->d); *offset = -128 * *scale; break;  // Q8_0
    }
}

// Eight bytes as floats.
ALWAYS __m256 floats(uint64_t bytes) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long) bytes)));
}

// The same for all blocks of block number b of 256: eight, or sixteen halves (Q6_K).
ALWAYS void read_scales(const enum ggml_type type, const void * row, int64_t b, __m256 scales[2], __m256 offsets[2]) {
    if (type == GGML_TYPE_Q6_K) {
        const block_q6_K * block = (const block_q6_K *) row + b;
        const __m256 d = _mm256_set1_ps(half(block->d));
        for (int h = 0; h < 2; h++) {
            const __m128i bytes = _mm_loadl_epi64((const __m128i *) (block->scales + 8 * h));
            scales[h] = _mm256_mul_ps(d, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)));
            offsets[h] = _mm256_mul_ps(scales[h], _mm256_set1_ps(-32));
        }
        return;
    }
    const block_q4_K * four = (const block_q4_K *) row + b;
    const block_q5_K * five = (const block_q5_K *) row + b;
    const bool is_four = type == GGML_TYPE_Q4_K;
    // Scales and offsets of six bits: the first four whole, and in their high bits two of each of the last four.
    uint32_t packed[3];
    memcpy(packed, is_four ? four->scales : five->scales, sizeof packed);
    const uint32_t low = 0x3f3f3f3f, nibble = 0x0f0f0f0f, two = 0x30303030;
    const uint64_t scale = (packed[0] & low) | (uint64_t) ((packed[2] & nibble) | (packed[0] >> 2 & two)) << 32;
    const uint64_t offset = (packed[1] & low) | (uint64_t) ((packed[2] >> 4 & nibble) | (packed[1] >> 2 & two)) << 32;
    scales[0] = _mm256_mul_ps(_mm256_set1_ps(half(is_four ? four->d : five->d)), floats(scale));
    offsets[0] = _mm256_mul_ps(_mm256_set1_ps(-half(is_four ? four->dmin : five->dmin)), floats(offset));
}

ALWAYS __m512i pair(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }

// 16 rows of 32 bytes become 8 registers: number g has bytes 4g ... 4g + 3 of every row, in the order of the rows.
ALWAYS void turn(const __m256i rows[16], __m512i turned[8]) {
    __m512i c[2][4];
    for (int h = 0; h < 2; h++) {
        const __m256i * r = rows + 8 * h;
        const __m512i a0 = pair(r[0], r[4]), a1 = pair(r[1], r[5]), a2 = pair(r[2], r[6]), a3 = pair(r[3], r[7]);
        const __m512i b0 = _mm512_unpacklo_epi32(a0, a1), b1 = _mm512_unpackhi_epi32(a0, a1);
        const __m512i b2 = _mm512_unpacklo_epi32(a2, a3), b3 = _mm512_unpackhi_epi32(a2, a3);
        c[h][0] = _mm512_unpacklo_epi64(b0, b2);
        c[h][1] = _mm512_unpackhi_epi64(b0, b2);
        c[h][2] = _mm512_unpacklo_epi64(b1, b3);
        c[h][3] = _mm512_unpackhi_epi64(b1, b3);
    }
    for (int g = 0; g < 4; g++) {
        turned[g] = _mm512_shuffle_i32x4(c[0][g], c[1][g], 0x88);
        turned[g + 4] = _mm512_shuffle_i32x4(c[0][g], c[1][g], 0xdd);
    }
}

// What of a strip is decoded at once: blocks of 32 values of the weight rows that there are.
struct part {
    const char * weights;
    size_t stride;
    int64_t begin, blocks;
};

// Rows that are missing in the last strip count as zeros.
ALWAYS void decode_values(const enum ggml_type type, const struct part * part, const int count, __m512i * values) {
    for (int64_t b = 0; b < part->blocks; b++) {
        __m256i rows[ROWS_STRIP];
#pragma GCC unroll 16
        for (int i = 0; i < ROWS_STRIP; i++) {
            const char * row = part->weights + i * part->stride;
            rows[i] = i < count ? decode(type, row, part->begin + b) : _mm256_setzero_si256();
        }
        turn(rows, values + 8 * b);
    }
}

// Written where they belong one by one: they are read much later, as wholes.
ALWAYS void decode_scales(const enum ggml_type type, const struct part * part, const int count, struct panel * panel) {
    float * scales = (float *) panel->scales, * offsets = (float *) panel->offsets;
    for (int64_t b = 0; b < part->blocks; b++) {
#pragma GCC unroll 16
        for (int i = 0; i < ROWS_STRIP; i++) {
            float scale = 0, offset = 0;
            if (i < count) {
                read_scale(type, part->weights + i * part->stride, part->begin + b, &scale, &offset);
            }
            scales[b * ROWS_STRIP + i] = scale;
            offsets[b * ROWS_STRIP + i] = offset;
        }
    }
}

// Of formats with blocks of 256: turned like the values.
ALWAYS void decode_scales_k(const enum ggml_type type, const struct part * part, const int count,
                            struct panel * panel) {
    const int halves = type == GGML_TYPE_Q6_K ? 2 : 1;
    const __m256 zero = _mm256_setzero_ps();
    for (int64_t b = 0; b < part->blocks; b += 8) {
        __m256i scales[2][ROWS_STRIP], offsets[2][ROWS_STRIP];
#pragma GCC unroll 16
        for (int i = 0; i < ROWS_STRIP; i++) {
            __m256 scale[2] = {zero, zero}, offset[2] = {zero, zero};
            if (i < count) {
                read_scales(type, part->weights + i * part->stride, (part->begin + b) / 8, scale, offset);
            }
            for (int h = 0; h < halves; h++) {
                scales[h][i] = _mm256_castps_si256(scale[h]);
                offsets[h][i] = _mm256_castps_si256(offset[h]);
            }
        }
        for (int h = 0; h < halves; h++) {
            turn(scales[h], (__m512i *) (panel->scales + halves * b + 8 * h));
            turn(offsets[h], (__m512i *) (panel->offsets + halves * b + 8 * h));
        }
    }
}

ALWAYS void decode_rows(const enum ggml_type type, const struct part * part, const int count, struct panel * panel) {
    decode_values(type, part, count, panel->values);
    if (type == GGML_TYPE_Q4_K || type == GGML_TYPE_Q5_K || type == GGML_TYPE_Q6_K) {
        decode_scales_k(type, part, count, panel);
    } else {
        decode_scales(type, part, count, panel);
    }
}

// ---------------------------------------------------------------------------------------------------------- products

ALWAYS __m512i four(const int8_t * bytes) {
    int32_t word;
    memcpy(&word, bytes, 4);
    return _mm512_set1_epi32(word);
}

// One block of the panel (halves = 2: one half of it) with one row.
ALWAYS __m512 add_block(__m512 sum, const __m512i * values, const int groups, const int8_t * bytes, __m512 scale,
                        __m512 offset, float d, float row_sum) {
    __m512i dot = _mm512_setzero_si512();
    for (int g = 0; g < groups; g++) {
        dot = _mm512_dpbusd_epi32(dot, values[g], four(bytes + 4 * g));
    }
    sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), _mm512_mul_ps(scale, _mm512_set1_ps(d)), sum);
    return _mm512_fmadd_ps(offset, _mm512_set1_ps(row_sum), sum);
}

// The panel with rows [first, first + count); the sums go on from what the panels before left in the result.
ALWAYS void tile(const int count, const int halves, const struct rows_product * product, const struct part * part,
                 const struct panel * panel, int64_t first, char * result, __mmask16 mask) {
    const int64_t k = product->k;
    const size_t size = rows_size(k);
    const char * rows = (const char *) product->rows + first * size;
    result += first * product->result_stride;
    __m512 sums[16];
    for (int r = 0; r < count; r++) {
        const char * old = result + r * product->result_stride;
        sums[r] = part->begin == 0 ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(mask, old);
    }
    for (int64_t b = 0; b < part->blocks; b++) {
        const __m512i * values = panel->values + 8 * b;
        const __m512 * scales = panel->scales + halves * b, * offsets = panel->offsets + halves * b;
        for (int r = 0; r < count; r++) {
            const char * row = rows + r * size;
            const int8_t * bytes = (const int8_t *) row + (part->begin + b) * BLOCK;
            const float d = ((const float *) (row + scales_at(k)))[part->begin + b];
            const float * row_sum = (const float *) (row + sums_at(k)) + 2 * (part->begin + b);
            if (halves == 1) {
                sums[r] = add_block(sums[r], values, 8, bytes, scales[0], offsets[0], d, row_sum[0] + row_sum[1]);
            } else {
                sums[r] = add_block(sums[r], values, 4, bytes, scales[0], offsets[0], d, row_sum[0]);
                sums[r] = add_block(sums[r], values + 4, 4, bytes + 16, scales[1], offsets[1], d, row_sum[1]);
            }
        }
    }
    for (int r = 0; r < count; r++) {
        _mm512_mask_storeu_ps(result + r * product->result_stride, mask, sums[r]);
    }
}

ALWAYS void multiply(const enum ggml_type type, const struct rows_product * product, int64_t first) {
    const int halves = type == GGML_TYPE_Q6_K ? 2 : 1;
    const int64_t left = product->weight_rows - first, blocks = product->k / BLOCK, most = PANEL / BLOCK;
    const int there = left < ROWS_STRIP ? (int) left : ROWS_STRIP;
    const __mmask16 mask = (__mmask16) ((1u << there) - 1);
    char * result = (char *) product->result + first * sizeof(float);
    struct part part = {.weights = (const char *) product->weights + first * product->weight_stride,
                        .stride = product->weight_stride};
    struct panel panel;
    for (part.begin = 0; part.begin < blocks; part.begin += most) {
        part.blocks = blocks - part.begin < most ? blocks - part.begin : most;
        if (there == ROWS_STRIP) {
            decode_rows(type, &part, ROWS_STRIP, &panel);
        } else {
            decode_rows(type, &part, there, &panel);
        }
        int64_t j = 0;
#define TILES(COUNT) \
        for (; product->count - j >= COUNT; j += COUNT) { \
            tile(COUNT, halves, product, &part, &panel, j, result, mask); \
        }
        TILES(16) TILES(8) TILES(4) TILES(2) TILES(1)
#undef TILES
    }
}

void rows_multiply(const struct rows_product * product, int64_t first) {
    // A copy of the loops for each format, so that none is asked for within them.
#define FORMAT(TYPE) case TYPE: multiply(TYPE, product, first); break;
    switch (product->type) {
        FORMAT(GGML_TYPE_Q4_0) FORMAT(GGML_TYPE_Q4_1) FORMAT(GGML_TYPE_Q5_0) FORMAT(GGML_TYPE_Q5_1)
        FORMAT(GGML_TYPE_Q8_0) FORMAT(GGML_TYPE_Q4_K) FORMAT(GGML_TYPE_Q5_K) FORMAT(GGML_TYPE_Q6_K)
        default: break;
    }
#undef FORMAT
}

#else  // another processor: never asked for

bool rows_can(enum ggml_type type, int64_t k) { (void) type; (void) k; return false; }
size_t rows_size(int64_t k) { (void) k; return 0; }
void rows_prepare(const float * values, void * row, int64_t k, int64_t begin, int64_t end) {
    (void) values; (void) row; (void) k; (void) begin; (void) end;
}
void rows_multiply(const struct rows_product * product, int64_t first) { (void) product; (void) first; }

#endif
