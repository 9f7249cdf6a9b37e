// A fixed rotation that spreads what a vector has in few of its dimensions over many (signs drawn at
// random, then Hadamard transforms; Ailon and Chazelle 2009, section 2). Encoders have dimensions in
// which all embeddings are large; codes with one scale for a row would be coarse for the others.

typedef float ck_sixteen __attribute__((ext_vector_type(16), aligned(4)));
typedef uint32_t ck_sixteen_bits __attribute__((ext_vector_type(16), aligned(4)));

// Changes the sign of about half of the 16 dimensions from `first` on, always the same.
CK_INLINE void flip_signs(ck_sixteen *x, uint32_t first) {
  ck_sixteen_bits h = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  h = (h + first) * 0x9E3779B1u;
  h = (h ^ (h >> 16)) * 0x85EBCA6Bu;  // the finalizer of MurmurHash3
  h = (h ^ (h >> 13)) * 0xC2B2AE35u;
  ck_sixteen_bits *bits = (ck_sixteen_bits *)x;
  *bits ^= h & 0x80000000u;
}

// (a + b, a − b) of lanes that are 8, 4, 2 and 1 apart.
CK_INLINE void mix_lanes(ck_sixteen *lanes) {
  ck_sixteen x = *lanes;
#define SWAPPED(...) __builtin_shufflevector(x, x, __VA_ARGS__)
  x = SWAPPED(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7) +
      x * (ck_sixteen){1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1};
  x = SWAPPED(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11) +
      x * (ck_sixteen){1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1};
  x = SWAPPED(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13) +
      x * (ck_sixteen){1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1};
  x = SWAPPED(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14) +
      x * (ck_sixteen){1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
#undef SWAPPED
  *lanes = x;
}

// The Hadamard transform of `count` sixteens, a power of two, lanes mixed too.
CK_INLINE void mix_block(ck_sixteen *x, size_t count) {
  for (size_t half = 1; half < count; half *= 2)
    for (size_t i = 0; i < count; i += 2 * half)
      for (size_t j = i; j < i + half; j++) {
        ck_sixteen a = x[j], b = x[j + half];
        x[j] = a + b;
        x[j + half] = a - b;
      }
  float scale = 1 / __builtin_sqrtf((float)(16 * count));
  for (size_t j = 0; j < count; j++) {
    mix_lanes(x + j);
    x[j] *= scale;
  }
}

// out = the rotated x. Blocks of powers of two make up the whole; up to 15 elements at the end stay.
CK_INLINE void rotate(const float *x, size_t n, float *out) {
  size_t whole = n / 16, done = 0;
  ck_sixteen *y = (ck_sixteen *)out;
  memcpy(out, x, n * sizeof(float));
  for (size_t i = 0; i < whole; i++) flip_signs(y + i, (uint32_t)(16 * i));
  for (size_t size = 4096; size; size /= 2)
    for (; whole - done >= size; done += size) mix_block(y + done, size);
}
