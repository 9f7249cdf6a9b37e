// A greedy walk over a navigable graph (HNSW, Malkov and Yashunin 2018, algorithms 2 and 5) whose
// nodes are compared by their codes.

CK_INLINE void prefetch_row(const uint8_t *row, size_t stride) {
  for (size_t i = 0; i < stride; i += 64) __builtin_prefetch(row + i);
}

// Σ (code − 128) · query, exact.
CK_BODY(int32_t, dot_codes)(const uint8_t *row, const ck_coded_query *query, size_t stride) {
#if defined(CK_AVX512)
  __m512i a = _mm512_setzero_si512(), b = a;
  size_t i = 0;
  for (; i + 128 <= stride; i += 128) {
    a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(row + i), _mm512_loadu_si512(query->codes + i));
    b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(row + i + 64),
                            _mm512_loadu_si512(query->codes + i + 64));
  }
  for (; i < stride; i += 64)
    a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(row + i), _mm512_loadu_si512(query->codes + i));
  return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b)) - 128 * query->sum;
#elif defined(CK_AVX2)
  __m256i a = _mm256_setzero_si256(), b = a;
  for (size_t i = 0; i < stride; i += 64) {
    ck_group group = group_at(row + i);
    for (int half = 0; half < 2; half++) {
      __m256i q = _mm256_loadu_si256((const __m256i *)(query->codes + i + 32 * half));
      __m256i pairs =
          _mm256_maddubs_epi16(group.sizes[half], _mm256_sign_epi8(q, group.signs[half]));
      __m256i sums = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
      if (half) b = _mm256_add_epi32(b, sums);
      else a = _mm256_add_epi32(a, sums);
    }
  }
  a = _mm256_add_epi32(a, b);
  __m128i x = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  x = _mm_add_epi32(x, _mm_shuffle_epi32(x, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(x, _mm_shuffle_epi32(x, 0xb1)));
#else
  int32_t sum = 0;
  for (size_t i = 0; i < stride; i++) sum += ((int32_t)row[i] - 128) * query->codes[i];
  return sum;
#endif
}

CK_INLINE float node_score(const ck_graph *graph, const ck_coded_query *query, int32_t node) {
  int32_t sum = body_dot_codes(graph->codes + (size_t)node * graph->stride, query, graph->stride);
  return (float)sum * graph->scales[node] * query->scale;
}

// Down to the lowest level: from each the best node is where the next begins.
CK_INLINE int32_t descend(const ck_graph *graph, const ck_coded_query *query, float *score) {
  int32_t node = graph->entry;
  float best = node_score(graph, query, node);
  for (int32_t level = graph->top; level > 0; level--) {
    for (int moved = 1; moved;) {
      moved = 0;
      const int32_t *begin = graph->neighbors + graph->offsets[node] + graph->levels[level];
      const int32_t *end = graph->neighbors + graph->offsets[node] + graph->levels[level + 1];
      for (const int32_t *next = begin; next < end && *next >= 0; next++)
        prefetch_row(graph->codes + (size_t)*next * graph->stride, graph->stride);
      for (const int32_t *next = begin; next < end && *next >= 0; next++) {
        float found = node_score(graph, query, *next);
        if (!(found > best)) continue;
        best = found;
        node = *next;
        moved = 1;
      }
    }
  }
  *score = best;
  return node;
}

// The best nodes so far, best first. Those whose neighbours were looked at have the top bit set.
typedef struct {
  float *scores;
  uint32_t *nodes;
  size_t held, breadth;
} ck_pool;

#define CK_EXPANDED 0x80000000u

// Puts a node in its place; the place, or `breadth` when it is not among the best.
CK_INLINE size_t pool_insert(ck_pool *pool, float score, uint32_t node) {
  if (pool->held == pool->breadth && !(score > pool->scores[pool->held - 1])) return pool->breadth;
  size_t low = 0, high = pool->held;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (pool->scores[middle] >= score) low = middle + 1;
    else high = middle;
  }
  size_t last = pool->held < pool->breadth ? pool->held++ : pool->held - 1;
  memmove(pool->scores + low + 1, pool->scores + low, (last - low) * sizeof(float));
  memmove(pool->nodes + low + 1, pool->nodes + low, (last - low) * sizeof(uint32_t));
  pool->scores[low] = score;
  pool->nodes[low] = node;
  return low;
}

// The neighbours of a node on the lowest level that were not seen before; they are now.
CK_INLINE size_t unseen_neighbors(const ck_graph *graph, uint32_t node, uint16_t *seen,
                                  uint16_t mark, int32_t *found) {
  const int32_t *next = graph->neighbors + graph->offsets[node];
  size_t count = 0;
  for (const int32_t *end = next + graph->levels[1]; next < end && *next >= 0; next++) {
    if (seen[*next] == mark) continue;
    seen[*next] = mark;
    found[count++] = *next;
  }
  return count;
}

CK_BODY(size_t, walk_graph)(const ck_graph *graph, const ck_coded_query *query, size_t breadth,
                            uint16_t *seen, uint16_t mark, int32_t *scratch, float *scores,
                            uint32_t *nodes) {
  const size_t ahead = 6;  // rows fetched before they are needed
  ck_pool pool = {scores, nodes, 0, breadth};
  float score;
  int32_t start = descend(graph, query, &score);
  seen[start] = mark;
  pool_insert(&pool, score, (uint32_t)start);
  for (size_t next = 0; next < pool.held;) {
    uint32_t node = nodes[next];
    nodes[next] |= CK_EXPANDED;
    size_t count = unseen_neighbors(graph, node, seen, mark, scratch), least = next + 1;
    for (size_t i = 0; i < smaller(count, ahead); i++)
      prefetch_row(graph->codes + (size_t)scratch[i] * graph->stride, graph->stride);
    for (size_t i = 0; i < count; i++) {
      if (i + ahead < count)
        prefetch_row(graph->codes + (size_t)scratch[i + ahead] * graph->stride, graph->stride);
      size_t place =
          pool_insert(&pool, node_score(graph, query, scratch[i]), (uint32_t)scratch[i]);
      least = smaller(least, place);
    }
    for (next = least; next < pool.held && nodes[next] & CK_EXPANDED;) next++;
    if (next < pool.held) __builtin_prefetch(graph->neighbors + graph->offsets[nodes[next]]);
  }
  for (size_t i = 0; i < pool.held; i++) nodes[i] &= ~CK_EXPANDED;
  return pool.held;
}
