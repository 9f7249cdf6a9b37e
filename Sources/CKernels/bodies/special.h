#pragma once
#include <stdint.h>
#include <string.h>

// exp and erf written as straight-line arithmetic, so that loops over them vectorise.

// exp(x), relative error below 2e-7 on [-87, 88], clamped outside. After Cephes expf: reduce by
// n·ln 2 in two parts, a polynomial of degree 5, then scale by 2^n through the exponent bits.
static inline float ck_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  // Adding 1.5·2^23 rounds to the nearest integer, left in the low bits.
  float shifted = x * 1.44269504088896341f + 12582912.0f;
  int32_t bits;
  memcpy(&bits, &shifted, 4);
  float n = shifted - 12582912.0f;
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + (r + 1.0f);
  int32_t power = (bits - 0x4B400000 + 127) << 23;
  float scale;
  memcpy(&scale, &power, 4);
  return p * scale;
}

// erf(x), absolute error below 5e-7: the rational minimax approximation on [-4, 4] that Eigen and
// XLA use (erf is 1 to float precision beyond).
static inline float ck_erf(float x) {
  x = x < -4.0f ? -4.0f : x;
  x = x > 4.0f ? 4.0f : x;
  float z = x * x;
  float p = -2.72614225801306e-10f;
  p = p * z + 2.77068142495902e-08f;
  p = p * z - 2.10102402082508e-06f;
  p = p * z - 5.69250639462346e-05f;
  p = p * z - 7.34990630326855e-04f;
  p = p * z - 2.95459980854025e-03f;
  p = p * z - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * z - 2.13374055278905e-04f;
  q = q * z - 1.68282697438203e-03f;
  q = q * z - 7.37332916720468e-03f;
  q = q * z - 1.42647390514189e-02f;
  return x * p / q;
}

static inline float ck_tanh(float x) {
  float e = ck_exp(2.0f * x);
  return 1.0f - 2.0f / (e + 1.0f);
}
