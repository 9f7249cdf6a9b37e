// Every kernel that exists once per instruction level: X(result, name, parameters, arguments).
// ckernels.h says what each does. From these lists come the table of a level (level.h), its contents
// (bodies/all.h) and the functions that call through it (dispatch.c).
#pragma once

// Kernels that run at the level of the process.

#define CK_KERNELS(X)                                                                             \
  X(float, dot, (const float *a, const float *b, size_t n), (a, b, n))                            \
  X(double, sum_of_squares, (const float *x, size_t n), (x, n))                                   \
  X(void, activate, (const float *x, float *out, size_t n, ck_activation kind),                   \
    (x, out, n, kind))                                                                            \
  X(void, activation_backward,                                                                    \
    (const float *pre, const float *dy, float *dx, size_t n, ck_activation kind),                 \
    (pre, dy, dx, n, kind))                                                                       \
  X(void, layer_norm,                                                                             \
    (const float *x, const float *y, const float *yBias, const float *gamma, const float *beta,   \
     float epsilon, float *out, float *normalized, float *rstd, size_t rows, size_t columns),     \
    (x, y, yBias, gamma, beta, epsilon, out, normalized, rstd, rows, columns))                    \
  X(void, scale_shift,                                                                            \
    (const float *x, const float *gamma, const float *beta, float *out, size_t rows,              \
     size_t columns),                                                                             \
    (x, gamma, beta, out, rows, columns))                                                         \
  X(void, layer_norm_backward,                                                                    \
    (const float *dy, const float *normalized, const float *rstd, const float *gamma, float *dx,  \
     float *dgamma, float *dbeta, size_t rows, size_t columns),                                   \
    (dy, normalized, rstd, gamma, dx, dgamma, dbeta, rows, columns))                              \
  X(void, add_bias, (float *x, const float *bias, size_t rows, size_t columns),                   \
    (x, bias, rows, columns))                                                                     \
  X(void, add_column_sums, (const float *x, float *sums, size_t rows, size_t columns),            \
    (x, sums, rows, columns))                                                                     \
  X(void, embed,                                                                                  \
    (const float *words, const float *positions, const float *types, const int32_t *ids,          \
     const int32_t *place, float *out, size_t rows, size_t columns),                              \
    (words, positions, types, ids, place, out, rows, columns))                                    \
  X(void, axpy, (float a, const float *x, float *y, size_t n), (a, x, y, n))                      \
  X(void, dropout, (float *x, size_t n, float rate, uint64_t key, uint64_t first),                \
    (x, n, rate, key, first))                                                                     \
  X(void, adamw,                                                                                  \
    (float *p, const float *g, float *m, float *v, size_t n, float gscale, float lr, float beta1, \
     float beta2, float epsilon, float decay, float correction1, float correction2),              \
    (p, g, m, v, n, gscale, lr, beta1, beta2, epsilon, decay, correction1, correction2))          \
  X(void, attention, (const ck_head *head, float *out, size_t outStride, float *scratch),         \
    (head, out, outStride, scratch))                                                              \
  X(void, attention_backward,                                                                     \
    (const ck_head *head, const float *upstream, size_t upStride,                                 \
     const ck_head_gradient *gradient, float *scratch),                                           \
    (head, upstream, upStride, gradient, scratch))                                                \
  X(void, exponentiate_blocks,                                                                    \
    (float *x, size_t rows, size_t columns, const size_t *ends, size_t blocks, float scale,       \
     float *tops, float *sums),                                                                   \
    (x, rows, columns, ends, blocks, scale, tops, sums))                                          \
  X(void, scale_blocks,                                                                           \
    (float *x, size_t rows, size_t columns, const size_t *ends, size_t blocks,                    \
     const float *factors),                                                                       \
    (x, rows, columns, ends, blocks, factors))                                                    \
  X(ck_coding, encode_row,                                                                        \
    (const float *x, size_t n, size_t stride, float *rotated, uint8_t *codes),                    \
    (x, n, stride, rotated, codes))                                                               \
  X(void, interleave_rows,                                                                        \
    (const uint8_t *rows, size_t stride, size_t count, size_t groups, uint8_t *block),            \
    (rows, stride, count, groups, block))                                                         \
  X(void, score_blocks,                                                                           \
    (const uint8_t *blocks, const float *scales, size_t count, size_t groups,                     \
     const ck_coded_query *queries, size_t queryCount, float *out, size_t outStride),             \
    (blocks, scales, count, groups, queries, queryCount, out, outStride))                         \
  X(size_t, places_from, (const float *scores, size_t n, float least, uint32_t *places),          \
    (scores, n, least, places))                                                                   \
  X(int32_t, dot_codes, (const uint8_t *row, const ck_coded_query *query, size_t stride),         \
    (row, query, stride))                                                                         \
  X(size_t, walk_graph,                                                                           \
    (const ck_graph *graph, const ck_coded_query *query, size_t breadth, uint16_t *seen,          \
     uint16_t mark, int32_t *scratch, float *scores, uint32_t *nodes),                            \
    (graph, query, breadth, seen, mark, scratch, scores, nodes))

// Kernels that run at a level of the caller's: that of a packed weight.
#define CK_LEVELLED_KERNELS(X)                                                                    \
  X(void, linear_f32, (const ck_weight *weight, const ck_linear *call), (weight, call))           \
  X(void, linear_s16, (const ck_weight *weight, const ck_linear *call), (weight, call))           \
  X(size_t, panel_width, (void), ())                                                              \
  X(size_t, panels_s16, (size_t inputs, size_t outputs), (inputs, outputs))                       \
  X(size_t, scales_s16, (size_t inputs, size_t outputs), (inputs, outputs))                       \
  X(void, pack_f32,                                                                               \
    (const float *w, size_t inputStride, size_t outputStride, size_t inputs, size_t outputs,      \
     float *panels),                                                                              \
    (w, inputStride, outputStride, inputs, outputs, panels))                                      \
  X(void, pack_s16,                                                                               \
    (const float *w, size_t inputStride, size_t outputStride, size_t inputs, size_t outputs,      \
     void *panels, float *scales),                                                                \
    (w, inputStride, outputStride, inputs, outputs, panels, scales))
