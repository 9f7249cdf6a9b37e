// The contenders: OpenBLAS, BLIS and oneDNN as far as they are installed, and our kernels.
#include "contenders.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ckernels.h"

contender contenders[MOST_CONTENDERS];
int contender_count = 0;

static void add(const char *name, void *(*prepare)(const problem *),
                void (*multiply)(const problem *, void *), void (*release)(void *)) {
  contender *c = &contenders[contender_count++];
  snprintf(c->name, sizeof c->name, "%s", name);
  c->prepare = prepare;
  c->multiply = multiply;
  c->release = release;
}

static void *nothing(const problem *p) { return (void)p, NULL; }
static void release_nothing(void *prepared) { (void)prepared; }

// ---- libraries, loaded at run time: two of them define the same names

typedef void (*sgemm_function)(int, int, int, int, int, int, float, const float *, int,
                               const float *, int, float, float *, int);
static sgemm_function openblas_sgemm, blis_sgemm;

static void cblas(sgemm_function sgemm, const problem *p) {
  enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };
  int m = (int)p->rows, n = (int)p->outputs, k = (int)p->inputs;
  sgemm(ROW_MAJOR, AS_IS, TRANSPOSED, m, n, k, 1, p->x, k, p->w, k, 0, p->y, n);
}
static void multiply_openblas(const problem *p, void *none) {
  (void)none;
  cblas(openblas_sgemm, p);
}

static void multiply_blis(const problem *p, void *none) {
  (void)none;
  cblas(blis_sgemm, p);
}

typedef int (*dnnl_function)(char, char, long, long, long, float, const float *, long,
                             const float *, long, float, float *, long);
static dnnl_function dnnl_sgemm;

static void multiply_dnnl(const problem *p, void *none) {
  (void)none;
  long m = (long)p->rows, n = (long)p->outputs, k = (long)p->inputs;
  dnnl_sgemm('N', 'T', m, n, k, 1, p->x, k, p->w, k, 0, p->y, n);
}

static void *function_of(const char *const *files, const char *name) {
  for (; *files; files++) {
    void *library = dlopen(*files, RTLD_NOW | RTLD_LOCAL);
    void *function = library ? dlsym(library, name) : NULL;
    if (function) return function;
  }
  return NULL;
}

static void say_missing(const char *name, const char *package) {
  printf("%s is not installed and is left out (Debian: apt-get install %s).\n", name, package);
}

static void find_libraries(void) {
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  setenv("BLIS_NUM_THREADS", "1", 1);
  setenv("OMP_NUM_THREADS", "1", 1);
  const char *openblas[] = {"libopenblas.so.0", NULL};
  const char *blis[] = {"libblis.so.4", "libblis.so", NULL};
  const char *dnnl[] = {"libdnnl.so.3", "libdnnl.so.2", NULL};
  openblas_sgemm = (sgemm_function)function_of(openblas, "cblas_sgemm");
  blis_sgemm = (sgemm_function)function_of(blis, "cblas_sgemm");
  dnnl_sgemm = (dnnl_function)function_of(dnnl, "dnnl_sgemm");
  if (openblas_sgemm) add("OpenBLAS", nothing, multiply_openblas, release_nothing);
  else say_missing("OpenBLAS", "libopenblas0");
  if (blis_sgemm) add("BLIS", nothing, multiply_blis, release_nothing);
  else say_missing("BLIS", "libblis4-openmp");
  if (dnnl_sgemm) add("oneDNN", nothing, multiply_dnnl, release_nothing);
  else say_missing("oneDNN", "libdnnl2");
}

// ---- ours

typedef struct {
  ck_weight weight;
  void *panels, *scales;
} packed;

static void *memory(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!p) exit(1);
  return p;
}

static void *prepare_f32(const problem *p, ck_level level) {
  packed *w = memory(sizeof *w);
  size_t width = ck_panel_width(level), columns = (p->outputs + width - 1) / width * width;
  w->panels = memory(p->inputs * columns * sizeof(float));
  w->scales = NULL;
  ck_pack_f32(level, p->w, 1, p->inputs, p->inputs, p->outputs, w->panels);
  w->weight = (ck_weight){level, p->inputs, p->outputs, w->panels, NULL};
  return w;
}

static void *prepare_s16(const problem *p, ck_level level) {
  packed *w = memory(sizeof *w);
  w->panels = memory(ck_panels_s16(level, p->inputs, p->outputs) * sizeof(int16_t));
  w->scales = memory(ck_scales_s16(level, p->inputs, p->outputs) * sizeof(float));
  ck_pack_s16(level, p->w, 1, p->inputs, p->inputs, p->outputs, w->panels, w->scales);
  w->weight = (ck_weight){level, p->inputs, p->outputs, w->panels, w->scales};
  return w;
}

static ck_linear call_of(const problem *p) {
  return (ck_linear){p->x, p->inputs, p->rows, p->y, p->outputs, NULL, CK_IDENTITY, 0, p->outputs};
}

static void multiply_f32(const problem *p, void *prepared) {
  ck_linear call = call_of(p);
  ck_linear_f32(&((packed *)prepared)->weight, &call);
}

static void multiply_s16(const problem *p, void *prepared) {
  ck_linear call = call_of(p);
  ck_linear_s16(&((packed *)prepared)->weight, &call);
}

static void release(void *prepared) {
  packed *w = prepared;
  free(w->panels);
  free(w->scales);
  free(w);
}

#define AT_LEVEL(level)                                                                   \
  static void *f32_##level(const problem *p) { return prepare_f32(p, CK_##level); }       \
  static void *s16_##level(const problem *p) { return prepare_s16(p, CK_##level); }
AT_LEVEL(PORTABLE)
AT_LEVEL(AVX2)
AT_LEVEL(AVX512)

void find_contenders(void) {
  find_libraries();
  static void *(*const f32[])(const problem *) = {f32_PORTABLE, f32_AVX2, f32_AVX512};
  static void *(*const s16[])(const problem *) = {s16_PORTABLE, s16_AVX2, s16_AVX512};
  for (int kind = 0; kind < 2; kind++)
    for (int level = (int)ck_best_level(); level >= 0; level--) {
      char name[24];
      snprintf(name, sizeof name, "%s %s", kind ? "int16" : "fp32", ck_level_name(level));
      if (kind)
        add(name, s16[level], multiply_s16, release);
      else
        add(name, f32[level], multiply_f32, release);
    }
}
