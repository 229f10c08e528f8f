// SPDX-License-Identifier: Apache-2.0
// For x86-64 with AVX-512; built with -mavx512f.
#include <immintrin.h>

#define VECTOR __m512
#define LANES 16
#define ROWS 8 // 24 sums, 3 inputs and a weight in 32 registers
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define SPREAD _mm512_set1_ps
#define FMA _mm512_fmadd_ps
#define NAME mp_conv_avx512
#define STRING "avx512"
#define SUPPORTED (__builtin_cpu_supports("avx512f") != 0)
#include "sim/nn/conv_body.h"
