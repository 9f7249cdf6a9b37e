CK_BODY(void, layer_norm)(const float *x, const float *y, const float *yBias, const float *gamma,
                          const float *beta, float epsilon, float *out, float *normalized,
                          float *rstd, size_t rows, size_t columns) {
  CK_RELAXED
  for (size_t i = 0; i < rows; i++) {
    const float *xi = x + i * columns;
    float *oi = out + i * columns;
    float sum = 0;
    if (y && yBias) {
      const float *yi = y + i * columns;
      for (size_t j = 0; j < columns; j++) {
        oi[j] = xi[j] + (yi[j] + yBias[j]);
        sum += oi[j];
      }
    } else if (y) {
      const float *yi = y + i * columns;
      for (size_t j = 0; j < columns; j++) {
        oi[j] = xi[j] + yi[j];
        sum += oi[j];
      }
    } else {
      for (size_t j = 0; j < columns; j++) {
        oi[j] = xi[j];
        sum += oi[j];
      }
    }
    float mean = sum / columns, squares = 0;
    for (size_t j = 0; j < columns; j++) {
      oi[j] -= mean;
      squares += oi[j] * oi[j];
    }
    float scale = 1.0f / sqrtf(squares / columns + epsilon);
    if (rstd) rstd[i] = scale;
    if (normalized) {
      float *ni = normalized + i * columns;
      for (size_t j = 0; j < columns; j++) {
        ni[j] = oi[j] * scale;
        oi[j] = ni[j] * gamma[j] + beta[j];
      }
    } else {
      for (size_t j = 0; j < columns; j++) oi[j] = oi[j] * scale * gamma[j] + beta[j];
    }
  }
}

CK_BODY(void, scale_shift)(const float *x, const float *gamma, const float *beta, float *out,
                           size_t rows, size_t columns) {
  CK_RELAXED
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      out[i * columns + j] = x[i * columns + j] * gamma[j] + beta[j];
}

// With n = normalized and g = dy · gamma: dx = rstd · (g − mean(g) − n · mean(g · n)).
CK_BODY(void, layer_norm_backward)(const float *dy, const float *normalized, const float *rstd,
                                   const float *gamma, float *dx, float *dgamma, float *dbeta,
                                   size_t rows, size_t columns) {
  CK_RELAXED
  for (size_t i = 0; i < rows; i++) {
    const float *di = dy + i * columns, *ni = normalized + i * columns;
    float *xi = dx + i * columns;
    float sum = 0, sumN = 0;
    for (size_t j = 0; j < columns; j++) {
      float d = di[j], g = d * gamma[j];
      dgamma[j] += d * ni[j];
      dbeta[j] += d;
      sum += g;
      sumN += g * ni[j];
    }
    float mean = sum / columns, meanN = sumN / columns;
    for (size_t j = 0; j < columns; j++)
      xi[j] = rstd[i] * (di[j] * gamma[j] - mean - ni[j] * meanN);
  }
}
