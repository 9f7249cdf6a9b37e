// A block of floats as 16-bit integers of bounded norm.
//
// Why no 32-bit sum of products of two such blocks can overflow, wherever it is cut: by
// Cauchy-Schwarz it is at most |a|·|b| in magnitude. The norm before rounding is at most
// CK_NORM = 46300 (and the float arithmetic that finds it is right to 1 in 10^4, 4.63); rounding
// adds at most half a unit for each of CK_BLOCK_S16 <= 256 integers, 8 in norm. So each norm is at
// most 46313, and 46313² = 2,144,893,969 < 2³¹ − 1. No integer exceeds 32767 in magnitude, so a sum
// of two products alone is below 2³¹, too.

#define CK_BLOCK_S16 192
_Static_assert(CK_BLOCK_S16 <= 256 && CK_BLOCK_S16 % 32 == 0, "see the bound above");
#define CK_NORM 46300.0f

// Sixteen at a time on every level, and no fused multiply-adds: all levels get the same integers.
typedef float ck_sixteen __attribute__((ext_vector_type(16)));
typedef float ck_loose_sixteen __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t ck_sixteen_ints __attribute__((ext_vector_type(16)));
typedef int16_t ck_loose_sixteen_shorts __attribute__((ext_vector_type(16), aligned(2)));

// The largest magnitude of x (count: a multiple of 16): as bits, where NaN and infinity come out
// larger than any number.
CK_INLINE float largest_magnitude(const float *x, size_t count) {
  ck_sixteen_ints top = 0;
  for (size_t i = 0; i < count; i += 16) {
    ck_sixteen value = *(const ck_loose_sixteen *)(x + i);
    top = __builtin_elementwise_max(top, __builtin_bit_cast(ck_sixteen_ints, value) & 0x7FFFFFFF);
  }
  return __builtin_bit_cast(float, __builtin_reduce_max(top));
}

// The Euclidean norm of factor · x.
CK_INLINE float scaled_norm(const float *x, size_t count, float factor) {
#pragma clang fp contract(off)
  ck_sixteen sums = 0.0f;
  for (size_t i = 0; i < count; i += 16) {
    ck_sixteen value = *(const ck_loose_sixteen *)(x + i) * factor;
    sums = sums + value * value;
  }
  float halves[8];
  for (int i = 0; i < 8; i++) halves[i] = sums[i] + sums[i + 8];
  for (int i = 0; i < 4; i++) halves[i] += halves[i + 4];
  return sqrtf((halves[0] + halves[2]) + (halves[1] + halves[3]));
}

// Quantises x (count: a multiple of 16, at most CK_BLOCK_S16) and returns the value of one unit.
// Not finite: zeros and a NaN. All below 2^-100 in magnitude: zeros and 0.
CK_INLINE float quantize(const float *x, size_t count, int16_t *integers) {
#pragma clang fp contract(off)
  float top = largest_magnitude(x, count);
  if (!(top <= 3.4028234e38f) || top < 0x1p-100f) {
    memset(integers, 0, count * sizeof(int16_t));
    return top < 1.0f ? 0.0f : NAN;
  }
  float factor = 32767.0f / top;
  float norm = scaled_norm(x, count, factor);
  if (norm > CK_NORM) factor *= CK_NORM / norm;
  for (size_t i = 0; i < count; i += 16) {
    // Adding 1.5·2^23 rounds to the nearest integer, left in the low bits.
    ck_sixteen shifted = *(const ck_loose_sixteen *)(x + i) * factor + 12582912.0f;
    ck_sixteen_ints bits = __builtin_bit_cast(ck_sixteen_ints, shifted) - 0x4B400000;
    *(ck_loose_sixteen_shorts *)(integers + i) =
        __builtin_convertvector(bits, ck_loose_sixteen_shorts);
  }
  return 1.0f / factor;
}
