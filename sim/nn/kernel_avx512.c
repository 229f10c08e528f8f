// SPDX-License-Identifier: Apache-2.0
// For x86-64 with AVX-512 and its dot products (VNNI); built with -mavx512{f,bw,dq,vl,vnni}.
#include "sim/nn/kernel_sets.h"

#include <immintrin.h>
#include <string.h>

static inline __m512i load(const void *p) {
    return _mm512_loadu_si512(p);
}

static inline void store(void *p, __m512i v) {
    _mm512_storeu_si512(p, v);
}

static inline __m512i spread(const int16_t *p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm512_set1_epi32(pair);
}

#define VECTOR __m512i
#define WIDTH 16
#define ZERO _mm512_setzero_si512
#define LOAD load
#define STORE store
#define SPREAD spread
#define PAIRS _mm512_dpwssd_epi32
#define PIXELS 16
#define NAME mp_kernel_avx512
#define STRING "avx512"
#define SUPPORTED \
    (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && \
     __builtin_cpu_supports("avx512vnni"))
#include "sim/nn/kernel_body.h"
