CK_BODY(float, dot)(const float *a, const float *b, size_t n) {
  CK_RELAXED
  float sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

CK_BODY(double, sum_of_squares)(const float *x, size_t n) {
  CK_RELAXED
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
  return sum;
}
