// Rotated vectors as 8-bit codes, x ≈ scale · (code − 128): a quarter of the memory to read, and products of
// whole numbers. A query's codes are signed, −127 … 127. Sums are exact, and so the same at every
// level: Σ (code − 128) · q = Σ code · q − 128 · Σ q.

// 16 rows of a block, of each 4 dimensions in turn.
#define CK_GROUP (4 * CK_BLOCK_ROWS)

// The scale at which the largest of n floats is 127 levels from zero, and its inverse; 0 for what is
// next to nothing.
CK_INLINE float levels_of(const float *x, size_t n, float *inverse) {
  uint32_t most = 0;  // without its sign, a float's bits order like its magnitude
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bits &= 0x7fffffff;
    most = bits > most ? bits : most;
  }
  float magnitude;
  memcpy(&magnitude, &most, sizeof magnitude);
  *inverse = magnitude > 1e-30f ? 127 / magnitude : 0;
  return magnitude > 1e-30f ? magnitude / 127 : 0;
}

// Σ (x − scale · (code − 128))² and Σ x².
CK_INLINE void measure_coding(const float *x, size_t n, const uint8_t *codes, ck_coding *coding) {
  CK_RELAXED
  double lost = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    double rest = x[i] - (double)coding->scale * (codes[i] - 128);
    lost += rest * rest;
    squares += (double)x[i] * x[i];
  }
  coding->lost = lost;
  coding->squares = squares;
}

CK_BODY(ck_coding, encode_row)(const float *x, size_t n, size_t stride, float *rotated,
                               uint8_t *codes) {
  ck_coding coding = {0, 0, 0};
  float inverse;
  rotate(x, n, rotated);
  coding.scale = levels_of(rotated, n, &inverse);
  for (size_t i = 0; i < n; i++) {
    float scaled = rotated[i] * inverse;
    codes[i] = (uint8_t)((int32_t)(scaled + (scaled < 0 ? -0.5f : 0.5f)) + 128);
  }
  memset(codes + n, 128, stride - n);
  measure_coding(rotated, n, codes, &coding);
  return coding;
}

CK_BODY(void, interleave_rows)(const uint8_t *rows, size_t stride, size_t count, size_t groups,
                               uint8_t *block) {
  if (count < CK_BLOCK_ROWS) memset(block, 128, groups * CK_GROUP);
  for (size_t r = 0; r < count; r++)
    for (size_t g = 0; g < groups; g++)
      memcpy(block + g * CK_GROUP + 4 * r, rows + r * stride + 4 * g, 4);
}

#if defined(CK_AVX512)
typedef struct {
  __m512i all;
} ck_sums;
#elif defined(CK_AVX2)
typedef struct {
  __m256i low, high;
} ck_sums;
#else
typedef struct {
  int32_t row[CK_BLOCK_ROWS];
} ck_sums;
#endif

// What one group of a block looks like when it meets a query.
#if defined(CK_AVX2)
typedef struct {
  __m256i signs[2], sizes[2];
} ck_group;
#elif defined(CK_AVX512)
typedef __m512i ck_group;
#else
typedef const uint8_t *ck_group;
#endif

CK_INLINE ck_sums no_sums(void) {
  ck_sums none;
  memset(&none, 0, sizeof none);
  return none;
}

CK_INLINE ck_group group_at(const uint8_t *codes) {
#if defined(CK_AVX512)
  return _mm512_loadu_si512(codes);
#elif defined(CK_AVX2)
  ck_group group;
  for (int half = 0; half < 2; half++) {
    __m256i offset = _mm256_loadu_si256((const __m256i *)(codes + 32 * half));
    group.signs[half] = _mm256_xor_si256(offset, _mm256_set1_epi8(-128));
    group.sizes[half] = _mm256_abs_epi8(group.signs[half]);
  }
  return group;
#else
  return codes;
#endif
}

// sums + the products of a group with the query's 4 codes for it. AVX2 multiplies unsigned by signed
// bytes into 16 bits, where two products of at most 127 · 127 have room; hence |row| · (±query).
// The AVX-512 sums are those of the codes as they are, the others those of the codes less 128.
CK_INLINE ck_sums add_group(ck_sums sums, ck_group group, const int8_t *query) {
#if defined(CK_AVX512) || defined(CK_AVX2)
  int32_t four;
  memcpy(&four, query, 4);
#endif
#if defined(CK_AVX512)
  sums.all = _mm512_dpbusd_epi32(sums.all, group, _mm512_set1_epi32(four));
#elif defined(CK_AVX2)
  __m256i q = _mm256_set1_epi32(four), ones = _mm256_set1_epi16(1);
  __m256i low = _mm256_maddubs_epi16(group.sizes[0], _mm256_sign_epi8(q, group.signs[0]));
  __m256i high = _mm256_maddubs_epi16(group.sizes[1], _mm256_sign_epi8(q, group.signs[1]));
  sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(low, ones));
  sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(high, ones));
#else
  for (int r = 0; r < CK_BLOCK_ROWS; r++)
    for (int i = 0; i < 4; i++) sums.row[r] += ((int32_t)group[4 * r + i] - 128) * query[i];
#endif
  return sums;
}

CK_INLINE ck_sums added(ck_sums a, ck_sums b) {
#if defined(CK_AVX512)
  a.all = _mm512_add_epi32(a.all, b.all);
#elif defined(CK_AVX2)
  a.low = _mm256_add_epi32(a.low, b.low);
  a.high = _mm256_add_epi32(a.high, b.high);
#else
  for (int r = 0; r < CK_BLOCK_ROWS; r++) a.row[r] += b.row[r];
#endif
  return a;
}

// Sums to scores: (sum · row's scale) · query's scale.
CK_INLINE void store_scores(ck_sums sums, const float *scales, const ck_coded_query *query,
                            float *out) {
#if defined(CK_AVX512)
  __m512i exact = _mm512_sub_epi32(sums.all, _mm512_set1_epi32(128 * query->sum));
  __m512 score = _mm512_mul_ps(_mm512_cvtepi32_ps(exact), _mm512_loadu_ps(scales));
  _mm512_storeu_ps(out, _mm512_mul_ps(score, _mm512_set1_ps(query->scale)));
#elif defined(CK_AVX2)
  __m256 scale = _mm256_set1_ps(query->scale);
  __m256 low = _mm256_mul_ps(_mm256_cvtepi32_ps(sums.low), _mm256_loadu_ps(scales));
  __m256 high = _mm256_mul_ps(_mm256_cvtepi32_ps(sums.high), _mm256_loadu_ps(scales + 8));
  _mm256_storeu_ps(out, _mm256_mul_ps(low, scale));
  _mm256_storeu_ps(out + 8, _mm256_mul_ps(high, scale));
#else
  for (int r = 0; r < CK_BLOCK_ROWS; r++) out[r] = (float)sums.row[r] * scales[r] * query->scale;
#endif
}

// The scores of one block against one query: four chains, for the sums of one would wait for each
// other.
CK_INLINE void score_one(const uint8_t *block, const float *scales, size_t groups,
                         const ck_coded_query *query, float *out) {
  ck_sums sums[4] = {no_sums(), no_sums(), no_sums(), no_sums()};
  size_t g = 0;
  for (; g + 4 <= groups; g += 4)
    for (int chain = 0; chain < 4; chain++)
      sums[chain] = add_group(sums[chain], group_at(block + (g + chain) * CK_GROUP),
                              query->codes + 4 * (g + chain));
  for (; g < groups; g++)
    sums[0] = add_group(sums[0], group_at(block + g * CK_GROUP), query->codes + 4 * g);
  store_scores(added(added(sums[0], sums[1]), added(sums[2], sums[3])), scales, query, out);
}

// Blocks and queries of a tile: what its sums leave of the registers serves to hold the groups.
#if defined(CK_AVX512)
#define CK_TILE_BLOCKS 4
#define CK_TILE_QUERIES 6
#else
#define CK_TILE_BLOCKS 1
#define CK_TILE_QUERIES 4
#endif

CK_INLINE void score_tile(const uint8_t *blocks, const float *scales, size_t groups,
                          const ck_coded_query *queries, float *out, size_t outStride) {
  ck_sums sums[CK_TILE_BLOCKS][CK_TILE_QUERIES];
#pragma clang loop unroll(full)
  for (int b = 0; b < CK_TILE_BLOCKS; b++)
#pragma clang loop unroll(full)
    for (int q = 0; q < CK_TILE_QUERIES; q++) sums[b][q] = no_sums();
  for (size_t g = 0; g < groups; g++) {
    ck_group group[CK_TILE_BLOCKS];
#pragma clang loop unroll(full)
    for (int b = 0; b < CK_TILE_BLOCKS; b++)
      group[b] = group_at(blocks + (b * groups + g) * CK_GROUP);
#pragma clang loop unroll(full)
    for (int q = 0; q < CK_TILE_QUERIES; q++)
#pragma clang loop unroll(full)
      for (int b = 0; b < CK_TILE_BLOCKS; b++)
        sums[b][q] = add_group(sums[b][q], group[b], queries[q].codes + 4 * g);
  }
#pragma clang loop unroll(full)
  for (int q = 0; q < CK_TILE_QUERIES; q++)
#pragma clang loop unroll(full)
    for (int b = 0; b < CK_TILE_BLOCKS; b++)
      store_scores(sums[b][q], scales + b * CK_BLOCK_ROWS, queries + q,
                   out + q * outStride + b * CK_BLOCK_ROWS);
}

CK_BODY(void, score_blocks)(const uint8_t *blocks, const float *scales, size_t count,
                            size_t groups, const ck_coded_query *queries, size_t queryCount,
                            float *out, size_t outStride) {
  size_t tiled = queryCount / CK_TILE_QUERIES * CK_TILE_QUERIES, b = 0;
  for (; b + CK_TILE_BLOCKS <= count; b += CK_TILE_BLOCKS)
    for (size_t q = 0; q < tiled; q += CK_TILE_QUERIES)
      score_tile(blocks + b * groups * CK_GROUP, scales + b * CK_BLOCK_ROWS, groups, queries + q,
                 out + q * outStride + b * CK_BLOCK_ROWS, outStride);
  for (size_t rest = 0; rest < count; rest++)
    for (size_t q = rest < b ? tiled : 0; q < queryCount; q++)
      score_one(blocks + rest * groups * CK_GROUP, scales + rest * CK_BLOCK_ROWS, groups,
                queries + q, out + q * outStride + rest * CK_BLOCK_ROWS);
}

CK_BODY(size_t, places_from)(const float *scores, size_t n, float least, uint32_t *places) {
  size_t found = 0, i = 0;
#if defined(CK_AVX512)
  for (; i + 64 <= n; i += 64) {
    __m512 bound = _mm512_set1_ps(least);
    uint64_t mask = 0;
    for (int part = 0; part < 4; part++)
      mask |= (uint64_t)_mm512_cmp_ps_mask(_mm512_loadu_ps(scores + i + 16 * part), bound,
                                           _CMP_GE_OQ)
              << (16 * part);
    for (; mask; mask &= mask - 1) places[found++] = (uint32_t)(i + __builtin_ctzll(mask));
  }
#elif defined(CK_AVX2)
  for (; i + 32 <= n; i += 32) {
    __m256 bound = _mm256_set1_ps(least);
    uint32_t mask = 0;
    for (int part = 0; part < 4; part++)
      mask |= (uint32_t)_mm256_movemask_ps(
                  _mm256_cmp_ps(_mm256_loadu_ps(scores + i + 8 * part), bound, _CMP_GE_OQ))
              << (8 * part);
    for (; mask; mask &= mask - 1) places[found++] = (uint32_t)(i + __builtin_ctz(mask));
  }
#endif
  for (; i < n; i++)
    if (scores[i] >= least) places[found++] = (uint32_t)i;
  return found;
}
