// The kernels for AVX2 and FMA (Intel since Haswell, AMD since Excavator).
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "level.h"

#pragma clang attribute push(                                                  \
    __attribute__((target("avx,avx2,fma,f16c,bmi,bmi2,lzcnt,movbe,popcnt"))),  \
    apply_to = function)
#define CK_AVX2 1
#define CK_TABLE ck_kernels_avx2
#include "bodies/all.h"
#pragma clang attribute pop
#endif
