// Runs attention forward and backward over lengths and head sizes around the panels and tiles, on
// heap buffers of exactly the size the kernels may touch, and compares with float64 loops.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "ckernels.h"

// Two heads of one sequence, the second after the first in every row; rows of qkv have nothing
// after the last.
typedef struct {
  size_t length, size, hidden;
  float *qkv, *upstream, *context, *gradient;
  float *bias, *biasGradient;  // (2, 2·length − 1)
  float *factors;              // of dropout, (2, length, length)
  float rate;
} case_of_attention;

static case_of_attention make_case(size_t length, size_t size, float rate) {
  case_of_attention c = {.length = length, .size = size, .hidden = 2 * size, .rate = rate};
  size_t table = 2 * (2 * length - 1), weights = 2 * length * length;
  c.qkv = check_numbers(length * 3 * c.hidden);
  c.upstream = check_numbers(length * c.hidden);
  c.context = check_numbers(length * c.hidden);
  c.gradient = check_numbers(length * 3 * c.hidden);
  c.bias = check_numbers(table);
  c.biasGradient = check_numbers(table);
  c.factors = check_numbers(weights);
  for (size_t i = 0; i < table; i++) c.biasGradient[i] = 0;
  for (size_t i = 0; i < weights; i++) c.factors[i] = 1;
  if (rate > 0) ck_dropout(c.factors, weights, rate, 77, 5);
  return c;
}

static void release(case_of_attention *c) {
  free(c->qkv), free(c->upstream), free(c->context), free(c->gradient);
  free(c->bias), free(c->biasGradient), free(c->factors);
}

static ck_head head_of(const case_of_attention *c, size_t head, int biased) {
  const float *q = c->qkv + head * c->size;
  const float *bias = c->bias + head * (2 * c->length - 1) + c->length - 1;
  return (ck_head){q, q + c->hidden, q + 2 * c->hidden, c->length, c->size, 3 * c->hidden,
                   1 / sqrtf((float)c->size), biased ? bias : NULL, c->rate, 77,
                   5 + head * c->length * c->length};
}

static void run_kernels(const case_of_attention *c, int biased) {
  float *scratch = check_numbers(ck_attention_scratch(c->length, c->size));
  float *more = check_numbers(ck_attention_backward_scratch(c->length, c->size));
  for (size_t head = 0; head < 2; head++) {
    ck_head h = head_of(c, head, biased);
    float *g = c->gradient + head * c->size;
    float *table = c->biasGradient + head * (2 * c->length - 1) + c->length - 1;
    ck_head_gradient to = {g, g + c->hidden, g + 2 * c->hidden, biased ? table : NULL};
    ck_attention(&h, c->context + head * c->size, c->hidden, scratch);
    ck_attention_backward(&h, c->upstream + head * c->size, c->hidden, &to, more);
  }
  free(scratch), free(more);
}

static double dot(const float *a, const float *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
  return sum;
}

// The weights of one query into p.
static void weights_of(const ck_head *h, size_t query, double *p) {
  double top = -INFINITY, sum = 0;
  for (size_t j = 0; j < h->length; j++) {
    p[j] = h->scale * dot(h->q + query * h->stride, h->k + j * h->stride, h->size);
    if (h->bias) p[j] += h->bias[(ptrdiff_t)j - (ptrdiff_t)query];
    top = fmax(top, p[j]);
  }
  for (size_t j = 0; j < h->length; j++) sum += p[j] = exp(p[j] - top);
  for (size_t j = 0; j < h->length; j++) p[j] /= sum;
}

// The largest error of one query's context and of its gradient.
static double error_of(const case_of_attention *c, const ck_head *h, size_t head, size_t query,
                       double *p, double *slopes) {
  const float *factor = c->factors + (head * c->length + query) * c->length;
  const float *up = c->upstream + query * c->hidden + head * c->size;
  double mean = 0, worst = 0;
  weights_of(h, query, p);
  for (size_t j = 0; j < c->length; j++) {
    slopes[j] = factor[j] * dot(up, h->v + j * h->stride, c->size);
    mean += p[j] * slopes[j];
  }
  for (size_t d = 0; d < c->size; d++) {
    double context = 0, gradient = 0;
    for (size_t j = 0; j < c->length; j++) {
      context += p[j] * factor[j] * h->v[j * h->stride + d];
      gradient += h->scale * p[j] * (slopes[j] - mean) * h->k[j * h->stride + d];
    }
    size_t place = head * c->size + d;
    worst = fmax(worst, fabs(context - c->context[query * c->hidden + place]));
    worst = fmax(worst, fabs(gradient - c->gradient[query * h->stride + place]));
  }
  return worst;
}

static int check_case(size_t length, size_t size, int biased, float rate) {
  case_of_attention c = make_case(length, size, rate);
  run_kernels(&c, biased);
  double *p = malloc(length * sizeof *p), *slopes = malloc(length * sizeof *slopes), worst = 0;
  if (!p || !slopes) abort();
  for (size_t head = 0; head < 2; head++) {
    ck_head h = head_of(&c, head, biased);
    for (size_t i = 0; i < length; i++)
      worst = fmax(worst, error_of(&c, &h, head, i, p, slopes));
  }
  int wrong = !(worst < 1e-5);
  if (wrong)
    fprintf(stderr, "check-kernels: attention is wrong by %g at %zu tokens of %zu (%s)\n", worst,
            length, size, ck_level_name(ck_current_level()));
  free(p), free(slopes);
  release(&c);
  return wrong;
}

int check_attention(void) {
  static const size_t lengths[] = {1, 2, 5, 7, 8, 13, 14, 15, 16, 17, 29, 33, 131};
  static const size_t sizes[] = {1, 3, 4, 8, 15, 16, 17, 32, 80};
  int failures = 0;
  for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
      for (int biased = 0; biased < 2; biased++)
        for (int dropped = 0; dropped < 2; dropped++)
          failures += check_case(lengths[l], sizes[s], biased, dropped ? 0.25f : 0);
  failures += check_case(1030, 16, 1, 0.25f);  // the tallest tile of the backward pass is the least
  return failures;
}
