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

#ifdef __cplusplus
extern "C" {
#endif

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

// CK_IDENTITY is for ck_linear only.
typedef enum { CK_GELU = 0, CK_GELU_TANH = 1, CK_RELU = 2, CK_IDENTITY = 3 } ck_activation;

// out = activation(x), element by element, n elements. out may be x.
void ck_activate(const float *x, float *out, size_t n, ck_activation kind);

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

// out = gamma · x + beta, per row: the layer norm's result again, given its normalized rows.
void ck_scale_shift(const float *x, const float *gamma, const float *beta, float *out, size_t rows,
                    size_t columns);

// dx written; dgamma, dbeta (columns) added. dx may be dy.
void ck_layer_norm_backward(const float *dy, const float *normalized, const float *rstd,
                            const float *gamma, float *dx, float *dgamma, float *dbeta,
                            size_t rows, size_t columns);

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

// ---- bodies/attention.h, attention_backward.h, attention_scratch.c

// One attention head of one sequence.
typedef struct {
  const float *q, *k, *v;  // (length, size), rows `stride` apart
  size_t length, size, stride;
  float scale;
  const float *bias;    // bias[j − i] is added to the scaled score of query i, key j; or NULL
  float rate;           // of dropout; 0 for none
  uint64_t key, first;  // as in ck_dropout: weight (i, j) is element first + i·length + j
} ck_head;

// Floats of scratch memory for a head.
size_t ck_attention_scratch(size_t length, size_t size);
size_t ck_attention_backward_scratch(size_t length, size_t size);

// out (length, size; rows outStride apart) = dropout(softmax(scale·q·kᵀ + bias))·v. A result
// depends on its head only.
void ck_attention(const ck_head *head, float *out, size_t outStride, float *scratch);

// Where the gradients of a head go: q, k, v like those of the head, written; bias, added; or NULL.
typedef struct {
  float *q, *k, *v;
  float *bias;
} ck_head_gradient;

// The gradients, given that of the output: upstream (length, size; rows upStride apart).
void ck_attention_backward(const ck_head *head, const float *upstream, size_t upStride,
                           const ck_head_gradient *gradient, float *scratch);

// ---- bodies/softmax.h

// The columns of x stand in blocks: block b ends before column ends[b] and begins where the one
// before it ends; the last ends with the row. Of each row and block: x = exp(scale · (x − top)), top
// the largest element of the block, with tops and sums (rows, blocks) written. Minus infinity becomes
// 0, and so does what is below 2^−125; a block of nothing else has the sum 0. NaN makes the sum NaN.
void ck_exponentiate_blocks(float *x, size_t rows, size_t columns, const size_t *ends,
                            size_t blocks, float scale, float *tops, float *sums);

// x times factors (rows, blocks), block by block.
void ck_scale_blocks(float *x, size_t rows, size_t columns, const size_t *ends, size_t blocks,
                     const float *factors);

// ---- bodies/adam.h

// One AdamW step on n parameters (Loshchilov and Hutter 2019; the update order of PyTorch):
// p −= lr·decay·p; m, v moving averages of g and g²; p −= lr · m̂ / (sqrt(v̂) + epsilon), where
// m̂ = m / correction1 and v̂ = v / correction2. The gradient is scaled by gscale first.
void ck_adamw(float *p, const float *g, float *m, float *v, size_t n, float gscale, float lr,
              float beta1, float beta2, float epsilon, float decay, float correction1,
              float correction2);

// ---- bodies/linear.h, linear_f32.h, linear_s16.h

// A weight (outputs, inputs) packed for one instruction level; see ck_pack_f32 and ck_pack_s16.
typedef struct {
  ck_level level;
  size_t inputs, outputs;
  const void *panels;   // 64-byte aligned; floats or 16-bit integers
  const float *scales;  // of the integers; NULL with floats
} ck_weight;

// What a packed weight is applied to: y (rows, …) = activation(x · Wᵀ + bias) in the given columns.
typedef struct {
  const float *x;  // (rows, inputs), rows ldx apart
  size_t ldx, rows;
  float *y;  // (rows, outputs), rows ldy apart; not x
  size_t ldy;
  const float *bias;  // (outputs) or NULL
  ck_activation activation;
  size_t firstColumn, columns;  // firstColumn: a multiple of ck_panel_width
} ck_linear;

// Columns of a panel: the outputs of a packed weight are rounded up to a multiple of it.
size_t ck_panel_width(ck_level level);

// Packs element (output o, input i) = w[o·outputStride + i·inputStride]. panels: inputs · outputs
// floats, the outputs rounded up to a panel.
void ck_pack_f32(ck_level level, const float *w, size_t inputStride, size_t outputStride,
                 size_t inputs, size_t outputs, float *panels);

// Each result is one chain of multiply-adds over the inputs in ascending order, then + bias, then
// the activation: it depends on its row and its column only, not on what else is computed.
void ck_linear_f32(const ck_weight *weight, const ck_linear *call);

// How many 16-bit integers and how many scales a weight needs, packed by ck_pack_s16.
size_t ck_panels_s16(ck_level level, size_t inputs, size_t outputs);
size_t ck_scales_s16(ck_level level, size_t inputs, size_t outputs);

// Packs as 16-bit integers: w ≈ integer · scale, a scale for each output and block of inputs.
void ck_pack_s16(ck_level level, const float *w, size_t inputStride, size_t outputStride,
                 size_t inputs, size_t outputs, void *panels, float *scales);

// The same product with x quantised alike, each row and block of inputs by itself. Sums of a block
// are exact 32-bit integers that cannot overflow; they are scaled and added as floats, block after
// block. A NaN or infinity in a row of x or of W makes every result of it NaN.
void ck_linear_s16(const ck_weight *weight, const ck_linear *call);

// ---- bodies/rotate.h, codes.h

// How a row was coded: with R a fixed rotation, which inner products do not notice,
// R·x ≈ scale · (code − 128); what that leaves out (Σ of squares), and Σ x².
typedef struct {
  float scale;
  double lost, squares;
} ck_coding;

// Codes n finite floats; codes n … stride − 1 become 128, which is zero. Writes R·x to `rotated`.
ck_coding ck_encode_row(const float *x, size_t n, size_t stride, float *rotated, uint8_t *codes);

// A query, coded: R·x ≈ scale · code with codes in −127 … 127, as many as a row has with its padding,
// those beyond its elements 0.
typedef struct {
  const int8_t *codes;
  float scale;
  int32_t sum;  // of the codes
} ck_coded_query;

// Rows of a block: what is scanned lies in blocks, of each row 4 codes in turn.
#define CK_BLOCK_ROWS 16

// Writes a block of `groups` times 4 dimensions from up to 16 coded rows, `stride` apart; rows that
// are not there are zero. Block: 64 · groups bytes.
void ck_interleave_rows(const uint8_t *rows, size_t stride, size_t count, size_t groups,
                        uint8_t *block);

// out[q · outStride + r] = the score of query q against row r of `count` blocks: the sum of the
// products of codes, exact up to 65,536 dimensions, times the row's and the query's scale.
void ck_score_blocks(const uint8_t *blocks, const float *scales, size_t count, size_t groups,
                     const ck_coded_query *queries, size_t queryCount, float *out,
                     size_t outStride);

// The places of the scores that are `least` or more, ascending; how many.
size_t ck_places_from(const float *scores, size_t n, float least, uint32_t *places);

// ---- bodies/graph_walk.h

// The sum of the products of the codes of a row and a query; stride is a multiple of 64.
int32_t ck_dot_codes(const uint8_t *row, const ck_coded_query *query, size_t stride);

// A navigable graph over coded rows. The neighbours of node i on level l stand in `neighbors` from
// offsets[i] + levels[l] to offsets[i] + levels[l + 1]; the first that is negative ends them.
typedef struct {
  const uint8_t *codes;  // rows `stride` apart, a multiple of 64
  size_t stride;
  const float *scales;  // one for each row
  const int32_t *neighbors;
  const size_t *offsets;
  const int32_t *levels;
  int32_t entry, top;
} ck_graph;

// The best nodes that a walk of some breadth meets, best first, with their scores; how many, at most
// `breadth` ≥ 1. `seen` has a place for each node, none of them `mark`; `scratch` has a place for
// each neighbour of a node; scores and nodes have `breadth` places. Ids are below 2^31.
size_t ck_walk_graph(const ck_graph *graph, const ck_coded_query *query, size_t breadth,
                     uint16_t *seen, uint16_t mark, int32_t *scratch, float *scores,
                     uint32_t *nodes);

// ---- pages.c

// Makes a mapping longer, moving it where there is no room; its pages keep their contents and are
// not copied. Null when the system refuses. The one function here that has an effect beyond the
// memory it is given: Swift cannot call mremap.
void *ck_lengthen_pages(void *start, size_t length, size_t new_length);

#ifdef __cplusplus
}
#endif
