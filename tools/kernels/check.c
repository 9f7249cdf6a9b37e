// Runs every kernel at the level FRESHET_CPU asks for, over sizes around the vector widths, tiles
// and blocks, on heap buffers of exactly the size a kernel may touch: under the address and
// undefined-behaviour sanitizers any access outside is caught. Products are compared with float64
// sums; the other kernels' values are the business of Tests/TensorsTests. See tools/check-kernels.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ckernels.h"

static int failures = 0;

static void expect(int holds, const char *what, size_t rows, size_t inputs, size_t outputs) {
  if (holds) return;
  failures++;
  fprintf(stderr, "check-kernels: %s at %zu rows, %zu -> %zu (%s)\n", what, rows, inputs, outputs,
          ck_level_name(ck_current_level()));
}

static void *bytes(size_t n) {
  void *p = NULL;
  if (posix_memalign(&p, 64, n) != 0) abort();
  return p;
}

static unsigned seed = 1;

// n numbers in [-1, 1).
static float *numbers(size_t n) {
  float *x = bytes(n * sizeof(float));
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = (float)(seed >> 8) / (1 << 23) - 1;
  }
  return x;
}

float *check_numbers(size_t n) { return numbers(n); }

// ---- products

typedef struct {
  size_t rows, inputs, outputs, ldx, ldy;
  float *x, *w, *bias, *y;
} product;

// Rows ldx and ldy apart, but nothing after the last row: reading past it is an error.
static product product_of(size_t rows, size_t inputs, size_t outputs, size_t gap) {
  product p = {rows, inputs, outputs, inputs + gap, outputs + gap, NULL, NULL, NULL, NULL};
  p.x = numbers(rows ? (rows - 1) * p.ldx + inputs : 0);
  p.y = numbers(rows ? (rows - 1) * p.ldy + outputs : 0);
  p.w = numbers(inputs * outputs);
  p.bias = numbers(outputs);
  return p;
}

static void release(product *p) { free(p->x), free(p->w), free(p->bias), free(p->y); }

static double expected(const product *p, int transposed, size_t row, size_t column) {
  double sum = p->bias[column];
  for (size_t k = 0; k < p->inputs; k++) {
    size_t place = transposed ? k * p->outputs + column : column * p->inputs + k;
    sum += (double)p->x[row * p->ldx + k] * p->w[place];
  }
  return sum;
}

static void compare(const product *p, int transposed, double tolerance, const char *what) {
  double worst = 0;
  for (size_t i = 0; i < p->rows; i++)
    for (size_t j = 0; j < p->outputs; j++)
      worst = fmax(worst, fabs(expected(p, transposed, i, j) - p->y[i * p->ldy + j]));
  expect(worst <= tolerance, what, p->rows, p->inputs, p->outputs);
}

static ck_linear call_of(const product *p, ck_activation activation) {
  return (ck_linear){p->x,    p->ldx,     p->rows, p->y, p->ldy,
                     p->bias, activation, 0,       p->outputs};
}

// All columns at once, then panel by panel.
static void multiply(const ck_weight *w, const product *p,
                     void (*linear)(const ck_weight *, const ck_linear *)) {
  for (int activation = CK_GELU; activation <= CK_IDENTITY; activation++) {
    ck_linear call = call_of(p, (ck_activation)activation);
    linear(w, &call);
  }
  ck_linear call = call_of(p, CK_IDENTITY);
  size_t width = ck_panel_width(w->level);
  for (size_t j = 0; j < p->outputs; j += width) {
    call.firstColumn = j;
    call.columns = p->outputs - j < width ? p->outputs - j : width;
    linear(w, &call);
  }
}

static void check_f32(ck_level level, product *p, int transposed) {
  size_t width = ck_panel_width(level), columns = (p->outputs + width - 1) / width * width;
  float *panels = bytes(p->inputs * columns * sizeof(float));
  ck_pack_f32(level, p->w, transposed ? p->outputs : 1, transposed ? 1 : p->inputs, p->inputs,
              p->outputs, panels);
  ck_weight weight = {level, p->inputs, p->outputs, panels, NULL};
  multiply(&weight, p, ck_linear_f32);
  compare(p, transposed, 1e-6 * (1 + (double)p->inputs), "float product is wrong");
  free(panels);
}

static void check_s16(ck_level level, product *p, int transposed, double tolerance) {
  int16_t *panels = bytes(ck_panels_s16(level, p->inputs, p->outputs) * sizeof(int16_t));
  float *scales = bytes(ck_scales_s16(level, p->inputs, p->outputs) * sizeof(float));
  ck_pack_s16(level, p->w, transposed ? p->outputs : 1, transposed ? 1 : p->inputs, p->inputs,
              p->outputs, panels, scales);
  ck_weight weight = {level, p->inputs, p->outputs, panels, scales};
  multiply(&weight, p, ck_linear_s16);
  compare(p, transposed, tolerance, "integer product is wrong");
  free(panels);
  free(scales);
}

// More rows than pass together, and more inputs than one block of floats.
static void check_large_product(void) {
  product p = product_of(171, 401, 33, 1);
  check_f32(ck_current_level(), &p, 0);
  check_s16(ck_current_level(), &p, 0, 2e-4 * 20);
  release(&p);
}

static void check_products(void) {
  static const size_t rows[] = {0, 1, 4, 5, 6, 7, 13, 14, 15, 29};
  static const size_t inputs[] = {0, 1, 2, 15, 16, 17, 191, 192, 193, 385};
  static const size_t outputs[] = {0, 1, 7, 8, 9, 15, 17, 31, 32, 33, 65};
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
    for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++)
      for (size_t n = 0; n < sizeof outputs / sizeof *outputs; n++) {
        int odd = (r + k + n) % 2;
        product p = product_of(rows[r], inputs[k], outputs[n], odd ? 3 : 0);
        check_f32(ck_current_level(), &p, odd);
        check_s16(ck_current_level(), &p, odd, 2e-4 * sqrt(1 + (double)inputs[k]));
        release(&p);
      }
}

// Rows that would overflow 32-bit sums if integers were as large as 16 bits allow: all of the
// largest magnitude, and with a spike; for |sum| to reach its bound, x and w are parallel.
static void check_overflow(void) {
  for (size_t inputs = 1; inputs <= 1536; inputs = inputs * 3 + 1)
    for (int spike = 0; spike < 2; spike++)
      for (int sign = -1; sign <= 1; sign += 2) {
        product p = product_of(3, inputs, 9, 0);
        for (size_t i = 0; i < 3 * inputs; i++) p.x[i] = (float)sign;
        for (size_t i = 0; i < 9 * inputs; i++) p.w[i] = 1;
        if (spike) p.x[0] = p.w[0] = 1000;
        for (size_t j = 0; j < 9; j++) p.bias[j] = 0;
        double size = spike ? 1e6 : 1;
        check_s16(ck_current_level(), &p, 0, 1e-3 * (size + (double)inputs));
        release(&p);
      }
}

// ---- the other kernels, n elements or rows of n

static void check_elements(size_t n) {
  float *a = numbers(n), *b = numbers(n), *c = numbers(n), *d = numbers(n);
  for (size_t i = 0; i < n; i++) d[i] = fabsf(d[i]);
  float dot = ck_dot(a, b, n);
  double squares = ck_sum_of_squares(a, n);
  expect(fabs(dot) < 1 + (double)n && squares >= 0, "reduction is wrong", 1, n, 1);
  ck_axpy(0.5f, a, b, n);
  for (int kind = CK_GELU; kind <= CK_RELU; kind++) {
    ck_activate(a, b, n, (ck_activation)kind);
    ck_activation_backward(a, b, b, n, (ck_activation)kind);
  }
  ck_dropout(a, n, 0.5f, 0x123456789abcdefULL, 0xfffffffdULL);
  ck_adamw(a, b, c, d, n, 1, 1e-3f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.1f, 0.001f);
  free(a), free(b), free(c), free(d);
}

static void check_rows(size_t rows, size_t n) {
  float *x = numbers(rows * n), *y = numbers(rows * n), *z = numbers(rows * n);
  float *bias = numbers(n), *gamma = numbers(n), *beta = numbers(n), *deviation = numbers(rows);
  ck_add_bias(x, bias, rows, n);
  ck_add_column_sums(x, bias, rows, n);
  ck_layer_norm(x, NULL, NULL, gamma, beta, 1e-5f, x, NULL, NULL, rows, n);
  ck_layer_norm(x, y, NULL, gamma, beta, 1e-5f, x, z, deviation, rows, n);
  ck_layer_norm(x, y, bias, gamma, beta, 1e-5f, x, z, deviation, rows, n);
  ck_layer_norm_backward(x, z, deviation, gamma, x, bias, beta, rows, n);
  ck_scale_shift(z, gamma, beta, y, rows, n);
  free(x), free(y), free(z), free(bias), free(gamma), free(beta), free(deviation);
}

static void check_embed(size_t n) {
  float *words = numbers(3 * n), *positions = numbers(2 * n), *types = numbers(n);
  float *out = numbers(4 * n);
  int32_t ids[] = {0, 2, 1, 2}, places[] = {0, 1, 0, 1};
  ck_embed(words, positions, types, ids, places, out, 4, n);
  free(words), free(positions), free(types), free(out);
}

int main(void) {
  for (size_t n = 1; n < 200; n += n < 70 ? 1 : 41) {
    check_elements(n);
    check_embed(n);
    for (size_t rows = 1; rows < 4; rows++) check_rows(rows, n);
  }
  check_products();
  check_large_product();
  check_overflow();
  failures += check_attention();
  failures += check_softmax();
  failures += check_codes();
  printf("check-kernels: %s: %s\n", ck_level_name(ck_current_level()),
         failures ? "FAILED" : "every kernel stays inside its buffers");
  return failures ? 1 : 0;
}
