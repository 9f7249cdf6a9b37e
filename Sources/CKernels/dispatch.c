// Chooses, at the first call, the instruction level whose kernels this process runs.
#include <stdlib.h>
#include <string.h>

#include "level.h"

static const char *const names[] = {"portable", "avx2", "avx512"};

const char *ck_level_name(ck_level level) { return names[level]; }

ck_level ck_best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("x86-64-v3")) return CK_PORTABLE;
  if (!__builtin_cpu_supports("x86-64-v4")) return CK_AVX2;
  return __builtin_cpu_supports("avx512vnni") ? CK_AVX512 : CK_AVX2;
#else
  return CK_PORTABLE;
#endif
}

// What FRESHET_CPU asks for, but never more than the machine has.
static ck_level chosen_level(void) {
  ck_level best = ck_best_level();
  const char *wish = getenv("FRESHET_CPU");
  for (int level = CK_PORTABLE; wish && level < (int)best; level++)
    if (strcmp(wish, names[level]) == 0) return (ck_level)level;
  return best;
}

// −1 until chosen. Threads that meet here first all compute and store the same value.
static int current = -1;

ck_level ck_current_level(void) {
  int level = __atomic_load_n(&current, __ATOMIC_RELAXED);
  if (level < 0) {
    level = (int)chosen_level();
    __atomic_store_n(&current, level, __ATOMIC_RELAXED);
  }
  return (ck_level)level;
}

static const ck_kernels *kernels_at(ck_level level) {
#if defined(__x86_64__)
  if (level == CK_AVX512) return &ck_kernels_avx512;
  if (level == CK_AVX2) return &ck_kernels_avx2;
#endif
  (void)level;
  return &ck_kernels_portable;
}

#define CALL(type, name, parameters, arguments) \
  type ck_##name parameters { return kernels_at(ck_current_level())->name arguments; }
CK_KERNELS(CALL)
#undef CALL
