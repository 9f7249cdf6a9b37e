// The rate of independent fused multiply-adds in registers: what no product can exceed.
#include <time.h>

#include "ckernels.h"
#include "contenders.h"

#define CHAINS 12

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

#define RATE(name, lanes, target)                                                        \
  typedef float name##_vector __attribute__((ext_vector_type(lanes)));                   \
  target static double name(void) {                                                      \
    name##_vector sums[CHAINS], a = 1.0f, b = 0.0f;                                      \
    for (int c = 0; c < CHAINS; c++) sums[c] = (float)c;                                 \
    __asm__ volatile("" : "+x"(a), "+x"(b));                                             \
    double best = 0;                                                                     \
    for (int round = 0; round < 9; round++) {                                            \
      const long steps = 4000000;                                                        \
      double start = now();                                                              \
      for (long i = 0; i < steps; i++) {                                                 \
        _Pragma("clang loop unroll(full)") for (int c = 0; c < CHAINS; c++) sums[c] =    \
            __builtin_elementwise_fma(sums[c], a, b);                                    \
        __asm__ volatile("" : "+x"(a));                                                  \
      }                                                                                  \
      double rate = 2.0 * lanes * CHAINS * steps / (now() - start) * 1e-9;               \
      if (rate > best) best = rate;                                                      \
    }                                                                                    \
    for (int c = 0; c < CHAINS; c++) __asm__ volatile("" : : "x"(sums[c]));              \
    return best;                                                                         \
  }

#if defined(__x86_64__)
RATE(peak_avx512, 16, __attribute__((target("avx512f"))))
RATE(peak_avx2, 8, __attribute__((target("avx2,fma"))))

double fma_peak(void) {
  if (ck_best_level() == CK_PORTABLE) return 0;
  double narrow = peak_avx2(), wide = ck_best_level() == CK_AVX512 ? peak_avx512() : 0;
  return wide > narrow ? wide : narrow;
}
#else
double fma_peak(void) { return 0; }
#endif
