#define SQRT_HALF 0.70710678118654752f
#define INV_SQRT_2PI 0.39894228040143268f
#define SQRT_2_OVER_PI 0.79788456080286536f
#define TANH_CUBIC 0.044715f

static inline float gelu(float x) {
  return 0.5f * x * (1.0f + ck_erf(x * SQRT_HALF));
}

// d/dx of x·Φ(x): Φ(x) + x·φ(x).
static inline float gelu_slope(float x) {
  float density = INV_SQRT_2PI * ck_exp(-0.5f * x * x);
  return 0.5f * (1.0f + ck_erf(x * SQRT_HALF)) + x * density;
}

static inline float gelu_tanh(float x) {
  return 0.5f * x * (1.0f + ck_tanh(SQRT_2_OVER_PI * (x + TANH_CUBIC * x * x * x)));
}

static inline float gelu_tanh_slope(float x) {
  float t = ck_tanh(SQRT_2_OVER_PI * (x + TANH_CUBIC * x * x * x));
  float inner = SQRT_2_OVER_PI * (1.0f + 3.0f * TANH_CUBIC * x * x);
  return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner;
}

// NaN stays NaN.
static inline float relu(float x) { return x < 0.0f ? 0.0f : x; }
static inline float relu_slope(float x) { return x > 0.0f ? 1.0f : 0.0f; }

#define VALUE_LOOP(f) \
  for (size_t i = 0; i < n; i++) out[i] = f(x[i]);

CK_BODY(void, activate)(const float *x, float *out, size_t n, ck_activation kind) {
#pragma clang fp contract(fast)
  switch (kind) {
    case CK_GELU: VALUE_LOOP(gelu) break;
    case CK_GELU_TANH: VALUE_LOOP(gelu_tanh) break;
    case CK_RELU: VALUE_LOOP(relu) break;
    case CK_IDENTITY: break;
  }
}

#define SLOPE_LOOP(f) \
  for (size_t i = 0; i < n; i++) dx[i] = dy[i] * f(pre[i]);

CK_BODY(void, activation_backward)(const float *pre, const float *dy, float *dx, size_t n,
                                   ck_activation kind) {
#pragma clang fp contract(fast)
  switch (kind) {
    case CK_GELU: SLOPE_LOOP(gelu_slope) break;
    case CK_GELU_TANH: SLOPE_LOOP(gelu_tanh_slope) break;
    case CK_RELU: SLOPE_LOOP(relu_slope) break;
    case CK_IDENTITY: break;
  }
}
