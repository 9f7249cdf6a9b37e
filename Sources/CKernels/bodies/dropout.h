// A 32-bit integer hash with low bias (two rounds of xorshift-multiply, constants found by
// exhaustive search: C. Wellons, "Prospecting for hash functions"), applied twice with the two
// halves of the key between.
static inline uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x;
}

CK_BODY(void, dropout)(float *x, size_t n, float rate, uint64_t key, uint64_t first) {
  uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
  // Compared as 31-bit numbers, which vectorise without unsigned comparisons.
  int32_t limit = (int32_t)(rate * 2147483648.0f);
  float scale = 1.0f / (1.0f - rate);
  uint32_t counter = (uint32_t)first;
  high ^= mix((uint32_t)(first >> 32) + 0x9E3779B9U);
  for (size_t i = 0; i < n; i++) {
    uint32_t h = mix(mix((counter + (uint32_t)i) ^ low) + high);
    x[i] = (int32_t)(h >> 1) < limit ? 0.0f : x[i] * scale;
  }
}
