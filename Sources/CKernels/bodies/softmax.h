// Rows of a softmax over many columns, whose columns stand in blocks: a block's sum of exponentials
// can be used for itself, and none overflows whatever the others hold.

// 2^x for x ≤ 0 as power_of_two has it, but 0 below 2^−125; NaN for NaN.
CK_INLINE ck_floats power_or_zero(ck_floats x) {
  return x < -125.0f ? (ck_floats)(0.0f) : power_of_two(x);
}

// The first n < CK_LANES numbers, minus infinity in the other lanes.
CK_INLINE ck_floats load_first(const float *x, size_t n) {
  float lanes[CK_LANES];
  for (size_t l = 0; l < CK_LANES; l++) lanes[l] = l < n ? x[l] : -INFINITY;
  return load(lanes);
}

CK_INLINE void store_first(float *x, size_t n, ck_floats value) {
  float lanes[CK_LANES];
  store(lanes, value);
  for (size_t l = 0; l < n; l++) x[l] = lanes[l];
}

// The largest of n numbers but for NaN; minus infinity of none.
static float largest_of(const float *x, size_t n) {
  ck_floats top = (ck_floats)(-INFINITY);
  size_t whole = n / CK_LANES * CK_LANES;
  for (size_t j = 0; j < whole; j += CK_LANES) top = larger_lanes(load(x + j), top);
  if (whole < n) top = larger_lanes(load_first(x + whole, n - whole), top);
  return largest_lane(top);
}

// x = 2^(scale · (x − top)), n elements; their sum.
static float exponentiate(float *x, size_t n, float top, float scale) {
  ck_floats sums[2] = {(ck_floats)(0.0f), (ck_floats)(0.0f)};
  size_t whole = n / CK_LANES * CK_LANES;
  for (size_t j = 0; j < whole; j += CK_LANES) {
    ck_floats power = power_or_zero(scale * (load(x + j) - top));
    store(x + j, power);
    sums[j / CK_LANES % 2] += power;
  }
  if (whole < n) {
    ck_floats power = power_or_zero(scale * (load_first(x + whole, n - whole) - top));
    store_first(x + whole, n - whole, power);
    sums[1] += power;
  }
  return sum_of_lanes(sums[0] + sums[1]);
}

// Elements whose exponentials are added up as floats; such sums are added up in double.
#define CK_SUMMED 1024

CK_BODY(void, exponentiate_blocks)(float *x, size_t rows, size_t columns, const size_t *ends,
                                   size_t blocks, float scale, float *tops, float *sums) {
  float binary = scale * 1.44269504088896341f;  // 1 / ln 2
  for (size_t i = 0; i < rows; i++)
    for (size_t b = 0; b < blocks; b++) {
      size_t j = b ? ends[b - 1] : 0, end = ends[b];
      float *xi = x + i * columns;
      float top = largest_of(xi + j, end - j), shift = top > -INFINITY ? top : 0;
      double sum = 0;
      for (; j < end; j += CK_SUMMED)
        sum += exponentiate(xi + j, smaller(CK_SUMMED, end - j), shift, binary);
      tops[i * blocks + b] = top;
      sums[i * blocks + b] = (float)sum;
    }
}

CK_BODY(void, scale_blocks)(float *x, size_t rows, size_t columns, const size_t *ends,
                            size_t blocks, const float *factors) {
  for (size_t i = 0; i < rows; i++)
    for (size_t b = 0, j = 0; b < blocks; b++) {
      float factor = factors[i * blocks + b];
      for (; j < ends[b]; j++) x[i * columns + j] *= factor;
    }
}
