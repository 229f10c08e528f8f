// SPDX-License-Identifier: Apache-2.0
// For x86-64 with AVX2 and FMA; built with -mavx2 -mfma.
#include <immintrin.h>

#define VECTOR __m256
#define LANES 8
#define ROWS 4 // 12 sums, 3 inputs and a weight in 16 registers
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define SPREAD _mm256_set1_ps
#define FMA _mm256_fmadd_ps
#define NAME mp_conv_avx2
#define STRING "avx2"
#define SUPPORTED (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#include "sim/nn/conv_body.h"
