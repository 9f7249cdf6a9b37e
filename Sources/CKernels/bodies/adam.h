CK_BODY(void, adamw)(float *p, const float *g, float *m, float *v, size_t n, float gscale,
                     float lr, float beta1, float beta2, float epsilon, float decay,
                     float correction1, float correction2) {
#pragma clang fp contract(fast)
  float keep = 1.0f - lr * decay, step = lr / correction1, root = 1.0f / sqrtf(correction2);
  for (size_t i = 0; i < n; i++) {
    float gi = g[i] * gscale;
    float mi = beta1 * m[i] + (1.0f - beta1) * gi;
    float vi = beta2 * v[i] + (1.0f - beta2) * gi * gi;
    m[i] = mi;
    v[i] = vi;
    p[i] = p[i] * keep - step * mi / (sqrtf(vi) * root + epsilon);
  }
}
