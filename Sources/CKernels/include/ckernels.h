// The few hot loops a BLAS does not have. Pure functions over pointers: no allocation, no state,
// no I/O. Row-major throughout. Backward functions *add* to the gradients of parameters and *write*
// the gradients of activations.
//
// On x86-64 each is compiled for several instruction levels and the process runs the best one the
// machine has; elsewhere there is the portable one. The environment variable FRESHET_CPU, read
// once, asks for less: portable, avx2 or avx512. Asking for more than the machine has, or for an
// unknown name, gets the best it has.
#pragma once
#include <stddef.h>
#include <stdint.h>

// ---- dispatch.c

typedef enum { CK_PORTABLE = 0, CK_AVX2 = 1, CK_AVX512 = 2 } ck_level;

// The level in use, chosen at the first call of any kernel.
ck_level ck_current_level(void);

// The best level this machine has; those below it run as well.
ck_level ck_best_level(void);

// "portable", "avx2" or "avx512".
const char *ck_level_name(ck_level level);

// ---- bodies/reductions.h

// Dot product of two vectors of length n.
float ck_dot(const float *a, const float *b, size_t n);

// Sum of squares of n floats, accumulated in double.
double ck_sum_of_squares(const float *x, size_t n);

// ---- bodies/activation.h

typedef enum { CK_GELU = 0, CK_GELU_TANH = 1, CK_RELU = 2 } ck_activation;

// pre (rows, columns) += bias (columns); out = activation(pre). out may be pre.
void ck_bias_activation(float *pre, const float *bias, float *out, size_t rows, size_t columns,
                        ck_activation kind);

// dx = dy · activation'(pre), element by element, n elements. dx may be dy.
void ck_activation_backward(const float *pre, const float *dy, float *dx, size_t n,
                            ck_activation kind);

// ---- bodies/layer_norm.h

// out = gamma · (s − mean) / sqrt(var + epsilon) + beta with s = x + y, per row.
// y may be NULL, and so may yBias (columns), which is added to every row of y. normalized (rows,
// columns) and rstd (rows) are what backward needs; both may be NULL. out may be x.
void ck_layer_norm(const float *x, const float *y, const float *yBias, const float *gamma,
                   const float *beta, float epsilon, float *out, float *normalized, float *rstd,
                   size_t rows, size_t columns);

// dx written; dgamma, dbeta (columns) added. dx may be dy.
void ck_layer_norm_backward(const float *dy, const float *normalized, const float *rstd,
                            const float *gamma, float *dx, float *dgamma, float *dbeta,
                            size_t rows, size_t columns);

// ---- bodies/softmax.h

// Each row of x (rows, columns; rows `stride` apart) becomes softmax(scale · row).
void ck_softmax(float *x, size_t rows, size_t columns, size_t stride, float scale);

// ds = scale · p · (dp − sum(dp · p)) per row, in place in dp: the gradient of ck_softmax.
void ck_softmax_backward(const float *p, float *dp, size_t rows, size_t columns, size_t stride,
                         float scale);

// log(sum(exp(scale · x))) of n numbers.
float ck_log_sum_exp(const float *x, size_t n, float scale);

// ---- bodies/rows.h

// x (rows, columns) += bias (columns).
void ck_add_bias(float *x, const float *bias, size_t rows, size_t columns);

// sums (columns) += the sum of each column of x.
void ck_add_column_sums(const float *x, float *sums, size_t rows, size_t columns);

// out row i = words row ids[i] + positions row place[i] + types row 0. All tables have `columns`.
void ck_embed(const float *words, const float *positions, const float *types, const int32_t *ids,
              const int32_t *place, float *out, size_t rows, size_t columns);

// y += a · x.
void ck_axpy(float a, const float *x, float *y, size_t n);

// ---- bodies/dropout.h

// Keeps element i of x with probability 1 − rate and scales it by 1 / (1 − rate), else sets 0.
// The choice is a pure function of (key, first + i): the same call on a gradient is its backward.
void ck_dropout(float *x, size_t n, float rate, uint64_t key, uint64_t first);

// ---- bodies/adam.h

// One AdamW step on n parameters (Loshchilov and Hutter 2019; the update order of PyTorch):
// p −= lr·decay·p; m, v moving averages of g and g²; p −= lr · m̂ / (sqrt(v̂) + epsilon), where
// m̂ = m / correction1 and v̂ = v / correction2. The gradient is scaled by gscale first.
void ck_adamw(float *p, const float *g, float *m, float *v, size_t n, float gscale, float lr,
              float beta1, float beta2, float epsilon, float decay, float correction1,
              float correction2);
