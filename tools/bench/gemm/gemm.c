// One table of matrix products of a transformer encoder, one thread: this repository's kernels at
// every instruction level beside the libraries that were found when this was compiled (see run).
//
// Every cell is the best of several rounds; all contenders take turns in every round, and time is
// that of the thread, so a busy machine disturbs them alike. A shape is y (rows, outputs) =
// x (rows, inputs) · W(outputs, inputs)ᵀ; two flops per multiply-add.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contenders.h"

// Rounds of a product, and of one that takes the better part of a second.
enum { ROUNDS = 7, FEW_ROUNDS = 3 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static float *numbers(size_t n, unsigned seed) {
  float *x = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
  if (!x) exit(1);
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = (float)(seed >> 8) / (1 << 23) - 1;
  }
  return x;
}

// The largest difference from a float64 product, over the rows' and columns' ends, by the
// length of the sums; what is wrong is not timed.
static void check(const contender *c, const problem *p) {
  double worst = 0;
  for (size_t i = 0; i < p->rows; i += p->rows > 1 ? p->rows - 1 : 1)
    for (size_t j = 0; j < p->outputs; j += 7) {
      double sum = 0;
      for (size_t k = 0; k < p->inputs; k++)
        sum += (double)p->x[i * p->inputs + k] * p->w[j * p->inputs + k];
      double difference = sum - p->y[i * p->outputs + j];
      if (difference < 0) difference = -difference;
      if (difference > worst) worst = difference;
    }
  if (!(worst < 0.02)) {
    fprintf(stderr, "%s is wrong by %g\n", c->name, worst);
    exit(1);
  }
}

static double seconds_of(const contender *c, problem *p, void *prepared) {
  double work = 2.0 * p->rows * p->inputs * p->outputs;
  int repeats = work < 4e8 ? (int)(4e8 / work) + 1 : 1;
  double start = now();
  for (int i = 0; i < repeats; i++) c->multiply(p, prepared);
  return (now() - start) / repeats;
}

static void measure(problem *p, double peak) {
  void *prepared[MOST_CONTENDERS];
  double best[MOST_CONTENDERS];
  for (int i = 0; i < contender_count; i++) {
    prepared[i] = contenders[i].prepare(p);
    memset(p->y, 0, p->rows * p->outputs * sizeof(float));
    contenders[i].multiply(p, prepared[i]);
    check(&contenders[i], p);
    best[i] = 1e30;
  }
  double work = 2.0 * p->rows * p->inputs * p->outputs;
  for (int round = 0; round < (work > 1e10 ? FEW_ROUNDS : ROUNDS); round++)
    for (int i = 0; i < contender_count; i++) {
      double t = seconds_of(&contenders[i], p, prepared[i]);
      if (t < best[i]) best[i] = t;
    }
  printf("| %5zu | %4zu → %4zu |", p->rows, p->inputs, p->outputs);
  for (int i = 0; i < contender_count; i++) {
    double rate = work / best[i] * 1e-9;
    printf(" %5.1f (%3.0f%%) |", rate, 100 * rate / peak);
    contenders[i].release(prepared[i]);
  }
  printf("\n");
  fflush(stdout);
}

static void heading(double peak) {
  printf("Peak of fused multiply-adds: %.1f GFLOP/s. GFLOP/s (%% of that peak), one thread.\n\n",
         peak);
  printf("|  rows | in → out    |");
  for (int i = 0; i < contender_count; i++) printf(" %12s |", contenders[i].name);
  printf("\n|---|---|");
  for (int i = 0; i < contender_count; i++) printf("---|");
  printf("\n");
}

int main(int count, char **arguments) {
  static const size_t rows[] = {14, 64, 256, 1024, 8192};
  static const size_t shapes[][2] = {{384, 1152}, {384, 384},  {384, 1536},  {1536, 384},
                                     {768, 2304}, {768, 3072}, {3072, 768},  {1024, 4096},
                                     {4096, 1024}};
  const char *only = count > 1 ? arguments[1] : NULL;
  size_t shapeCount = count > 2 ? (size_t)atoi(arguments[2]) : sizeof shapes / sizeof *shapes;
  find_contenders();
  double peak = fma_peak();
  heading(peak);
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    if (only && rows[r] != (size_t)atoi(only)) continue;
    for (size_t s = 0; s < shapeCount; s++) {
      problem p = {rows[r], shapes[s][0], shapes[s][1], NULL, NULL, NULL};
      float *x = numbers(p.rows * p.inputs, 1), *w = numbers(p.inputs * p.outputs, 2);
      p.x = x;
      p.w = w;
      p.y = numbers(p.rows * p.outputs, 3);
      measure(&p, peak);
      free(x);
      free(w);
      free(p.y);
    }
  }
  return 0;
}
