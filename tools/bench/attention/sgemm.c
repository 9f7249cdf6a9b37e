// Attention by two products of OpenBLAS for each head, its gradient by five.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "softmax.h"
#include "ways.h"

enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };

static void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int,
                     float, float *, int);

int find_sgemm(void) {
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  void *function = library ? dlsym(library, "cblas_sgemm") : NULL;
  memcpy(&sgemm, &function, sizeof sgemm);
  return sgemm != NULL;
}

size_t sgemm_scratch(size_t length) { return 3 * length * length; }

// c (m, n) = op(a) · op(b)
static void product(int opA, int opB, size_t m, size_t n, size_t k, const float *a, size_t lda,
                    const float *b, size_t ldb, float *c, size_t ldc) {
  sgemm(ROW_MAJOR, opA, opB, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, 0, c, (int)ldc);
}

static void drop(const ck_head *h, float *weights) {
  if (h->rate > 0) ck_dropout(weights, h->length * h->length, h->rate, h->key, h->first);
}

void sgemm_forward(const ck_head *h, float *out, size_t outStride, float *p) {
  size_t n = h->length, d = h->size, ld = h->stride;
  product(AS_IS, TRANSPOSED, n, n, d, h->q, ld, h->k, ld, p, n);
  softmax(p, n, n, h->scale);
  drop(h, p);
  product(AS_IS, AS_IS, n, d, n, p, n, h->v, ld, out, outStride);
}

void sgemm_backward(const ck_head *h, const float *upstream, size_t upStride,
                    const ck_head_gradient *gradient, float *p) {
  size_t n = h->length, d = h->size, ld = h->stride;
  float *dropped = p + n * n, *dp = dropped + n * n;
  product(AS_IS, TRANSPOSED, n, n, d, h->q, ld, h->k, ld, p, n);
  softmax(p, n, n, h->scale);
  memcpy(dropped, p, n * n * sizeof(float));
  drop(h, dropped);
  product(TRANSPOSED, AS_IS, n, d, n, dropped, n, upstream, upStride, gradient->v, ld);
  product(AS_IS, TRANSPOSED, n, n, d, upstream, upStride, h->v, ld, dp, n);
  drop(h, dp);
  softmax_backward(p, dp, n, n, h->scale);
  product(AS_IS, AS_IS, n, d, n, dp, n, h->k, ld, gradient->q, ld);
  product(TRANSPOSED, AS_IS, n, d, n, dp, n, h->q, ld, gradient->k, ld);
}
