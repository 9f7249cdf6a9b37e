// The kernels for AVX-512 with VNNI (Intel since Cascade Lake, AMD since Zen 4). The features are
// listed one by one because naming an architecture would also make the compiler prefer 256 bits.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "level.h"

#pragma clang attribute push(                                                       \
    __attribute__((target("avx,avx2,fma,f16c,bmi,bmi2,lzcnt,movbe,popcnt,avx512f,"  \
                          "avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni"))),      \
    apply_to = function)
#define CK_AVX512 1
#define CK_TABLE ck_kernels_avx512
#include "bodies/all.h"
#pragma clang attribute pop
#endif
