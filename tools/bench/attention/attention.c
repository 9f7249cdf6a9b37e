// Tables of attention on one thread: by OpenBLAS, and by this package's fused kernels.
//
// About 512 tokens of 12 heads, cut into sequences of one length. Both ways take turns, and the
// median over the rounds is shown; time is that of the thread, so a busy machine disturbs both
// alike. Work is 4·length²·size flops a head forward and 10·length²·size backward: the products.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ways.h"

enum { ROUNDS = 11, HEADS = 12, TOKENS = 512, FUSED = 1 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static float *numbers(size_t n) {
  static unsigned seed = 1;
  float *x = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
  if (!x) exit(1);
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = (float)(seed >> 8) / (1 << 23) - 1;
  }
  return x;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static batch make_batch(size_t length, size_t size, float rate) {
  batch b = {.length = length, .size = size, .heads = HEADS, .sequences = TOKENS / length,
             .rate = rate};
  size_t tokens = length * b.sequences, hidden = HEADS * size;
  b.qkv = numbers(3 * tokens * hidden);
  b.gradient = numbers(3 * tokens * hidden);
  b.upstream = numbers(tokens * hidden);
  b.context = numbers(tokens * hidden);
  size_t ours = larger(ck_attention_scratch(length, size),
                       ck_attention_backward_scratch(length, size));
  b.scratch = numbers(larger(sgemm_scratch(length), ours));
  return b;
}

static void free_batch(batch *b) {
  free(b->qkv);
  free(b->gradient);
  free(b->upstream);
  free(b->context);
  free(b->scratch);
}

static void run_head(const batch *b, size_t sequence, size_t head, int fused, int backward) {
  size_t hidden = b->heads * b->size, token = sequence * b->length;
  size_t wide = token * 3 * hidden + head * b->size, narrow = token * hidden + head * b->size;
  const float *q = b->qkv + wide;
  float *g = b->gradient + wide;
  ck_head h = {q, q + hidden, q + 2 * hidden, b->length, b->size, 3 * hidden,
               1 / sqrtf((float)b->size), NULL, b->rate, sequence,
               head * b->length * b->length};
  ck_head_gradient to = {g, g + hidden, g + 2 * hidden, NULL};
  if (backward)
    (fused ? ck_attention_backward : sgemm_backward)(&h, b->upstream + narrow, hidden, &to,
                                                     b->scratch);
  else
    (fused ? ck_attention : sgemm_forward)(&h, b->context + narrow, hidden, b->scratch);
}

static double seconds_of(const batch *b, int fused, int backward) {
  double start = now();
  int repeats = 0;
  do {
    for (size_t s = 0; s < b->sequences; s++)
      for (size_t head = 0; head < b->heads; head++) run_head(b, s, head, fused, backward);
    repeats++;
  } while (now() - start < 0.005);
  return (now() - start) / repeats;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(size_t length, size_t size, float rate, int backward, double peak) {
  batch b = make_batch(length, size, rate);
  double seconds[2][ROUNDS], rates[2];
  for (int round = 0; round < ROUNDS; round++)
    for (int way = 0; way < 2; way++) seconds[way][round] = seconds_of(&b, way == FUSED, backward);
  for (int way = 0; way < 2; way++) {
    qsort(seconds[way], ROUNDS, sizeof(double), by_value);
    double work = (backward ? 10.0 : 4.0) * length * length * size * b.heads * b.sequences;
    rates[way] = work / seconds[way][ROUNDS / 2] * 1e-9;
  }
  printf("| %zu | %zu | %.1f (%.0f%%) | %.1f (%.0f%%) | %.2f |\n", size, length, rates[0],
         100 * rates[0] / peak, rates[1], 100 * rates[1] / peak, rates[1] / rates[0]);
  free_batch(&b);
}

int main(void) {
  if (!find_sgemm()) {
    fprintf(stderr, "libopenblas.so.0 is not installed (Debian: apt-get install libopenblas0).\n");
    return 1;
  }
  double peak = fma_peak();
  printf("Kernels: %s. FMA peak: %.1f GFLOP/s on one thread.\n", ck_level_name(ck_current_level()),
         peak);
  static const char *const titles[] = {"Forward", "Backward", "Backward, dropout 0.1"};
  static const size_t lengths[] = {14, 32, 64, 113, 128, 256, 512}, sizes[] = {32, 64};
  for (int table = 0; table < 3; table++) {
    printf("\n%s, GFLOP/s (of peak):\n\n| head size | length | OpenBLAS | fused | ratio |\n"
           "|---|---|---|---|---|\n", titles[table]);
    for (int s = 0; s < 2; s++)
      for (int l = 0; l < 7; l++)
        measure(lengths[l], sizes[s], table == 2 ? 0.1f : 0, table > 0, peak);
  }
  return 0;
}
