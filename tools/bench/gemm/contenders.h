// What gemm.c measures: how to prepare a weight, multiply by it, and let it go.
#pragma once
#include <stddef.h>

enum { MOST_CONTENDERS = 12 };

typedef struct {
  size_t rows, inputs, outputs;
  const float *x;  // (rows, inputs)
  const float *w;  // (outputs, inputs)
  float *y;        // (rows, outputs)
} problem;

typedef struct {
  char name[24];
  void *(*prepare)(const problem *p);
  void (*multiply)(const problem *p, void *prepared);
  void (*release)(void *prepared);
} contender;

extern contender contenders[MOST_CONTENDERS];
extern int contender_count;

// Fills `contenders`: the libraries compiled in, then our kernels at every level there is.
void find_contenders(void);

// GFLOP/s of a loop of independent fused multiply-adds in registers, at the machine's best width.
double fma_peak(void);
