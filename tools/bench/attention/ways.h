// The two ways attention.c compares, one head at a time.
#pragma once
#include "ckernels.h"

// The buffers of a batch of equally long sequences, heads side by side.
typedef struct {
  size_t length, size, heads, sequences;
  float rate;       // of dropout
  float *qkv;       // (tokens, 3 · heads · size)
  float *upstream;  // (tokens, heads · size)
  float *context;   // like upstream
  float *gradient;  // like qkv
  float *scratch;   // enough for either way
} batch;

// Finds OpenBLAS; 0 when it is not installed.
int find_sgemm(void);

size_t sgemm_scratch(size_t length);

// Attention by cblas_sgemm, and this package's softmax and dropout between.
void sgemm_forward(const ck_head *head, float *out, size_t outStride, float *scratch);
void sgemm_backward(const ck_head *head, const float *upstream, size_t upStride,
                    const ck_head_gradient *gradient, float *scratch);

// GFLOP/s of a loop of independent fused multiply-adds in registers (../gemm/peak.c).
double fma_peak(void);
