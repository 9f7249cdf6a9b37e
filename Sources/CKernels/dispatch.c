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

void ck_linear_f32(const ck_weight *weight, const ck_linear *call) {
  kernels_at(weight->level)->linear_f32(weight, call);
}

void ck_linear_s16(const ck_weight *weight, const ck_linear *call) {
  kernels_at(weight->level)->linear_s16(weight, call);
}

size_t ck_panel_width(ck_level level) { return kernels_at(level)->panel_width(); }

size_t ck_panels_s16(ck_level level, size_t inputs, size_t outputs) {
  return kernels_at(level)->panels_s16(inputs, outputs);
}

size_t ck_scales_s16(ck_level level, size_t inputs, size_t outputs) {
  return kernels_at(level)->scales_s16(inputs, outputs);
}

void ck_pack_f32(ck_level level, const float *w, size_t inputStride, size_t outputStride,
                 size_t inputs, size_t outputs, float *panels) {
  kernels_at(level)->pack_f32(w, inputStride, outputStride, inputs, outputs, panels);
}

void ck_pack_s16(ck_level level, const float *w, size_t inputStride, size_t outputStride,
                 size_t inputs, size_t outputs, void *panels, float *scales) {
  kernels_at(level)->pack_s16(w, inputStride, outputStride, inputs, outputs, panels, scales);
}
