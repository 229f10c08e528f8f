// SPDX-License-Identifier: Apache-2.0
// For x86-64 with AVX2; built with -mavx2.
#include "sim/nn/kernel_sets.h"

#include <immintrin.h>
#include <string.h>

static inline __m256i load(const void *p) {
    return _mm256_loadu_si256(p);
}

static inline void store(void *p, __m256i v) {
    _mm256_storeu_si256(p, v);
}

static inline __m256i spread(const int16_t *p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm256_set1_epi32(pair);
}

static inline __m256i pairs(__m256i s, __m256i x, __m256i w) {
    return _mm256_add_epi32(s, _mm256_madd_epi16(x, w));
}

#define VECTOR __m256i
#define WIDTH 8
#define ZERO _mm256_setzero_si256
#define LOAD load
#define STORE store
#define SPREAD spread
#define PAIRS pairs
#define PIXELS 4
#define NAME mp_kernel_avx2
#define STRING "avx2"
#define SUPPORTED (__builtin_cpu_supports("avx2") != 0)
#include "sim/nn/kernel_body.h"
