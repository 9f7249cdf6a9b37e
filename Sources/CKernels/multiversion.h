#pragma once

// Compiles a function for AVX-512, AVX2+FMA and the baseline, chosen when the program starts.
#if defined(__x86_64__)
#define CK_MULTIVERSION \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_MULTIVERSION
#endif

// Sums may be reassociated and multiply-adds fused in the block where this stands.
#define CK_RELAXED _Pragma("clang fp reassociate(on) contract(fast)")
