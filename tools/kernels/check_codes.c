// Codes of vectors, their products, and walks over a graph of them, against sums of whole numbers.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ckernels.h"

enum { FEW = 3 };

static int failures = 0;

static void expect(int holds, const char *what, size_t rows, size_t columns) {
  if (holds) return;
  failures++;
  fprintf(stderr, "check-kernels: %s at %zu rows of %zu (%s)\n", what, rows, columns,
          ck_level_name(ck_current_level()));
}

static void *bytes(size_t n) {
  void *p = NULL;
  if (posix_memalign(&p, 64, n ? n : 64) != 0) abort();
  return p;
}

typedef struct {
  size_t rows, columns, stride;
  uint8_t *codes;
  float *scales;
} coded;

static coded code(size_t rows, size_t columns, size_t stride) {
  coded c = {rows, columns, stride, bytes(rows * stride), bytes((rows + 15) / 16 * 16 * 4)};
  memset(c.scales, 0, (rows + 15) / 16 * 16 * sizeof(float));
  float *x = check_numbers(rows * columns);
  if (rows > 1) memset(x + columns, 0, columns * sizeof(float));
  float *rotated = bytes(columns * sizeof(float));
  for (size_t i = 0; i < rows; i++) {
    ck_coding coding =
        ck_encode_row(x + i * columns, columns, stride, rotated, c.codes + i * stride);
    c.scales[i] = coding.scale;
    double lost = 0, before = 0;
    for (size_t j = 0; j < columns; j++) {
      before += (double)x[i * columns + j] * x[i * columns + j];
      double rest = rotated[j] - (double)coding.scale * (c.codes[i * stride + j] - 128);
      lost += rest * rest;
    }
    expect(fabs(coding.lost - lost) <= 1e-9 * (1 + lost), "the loss of a row's codes", rows,
                 columns);
    expect(fabs(coding.squares - before) <= 1e-5 * before, "the length of a rotated row", rows,
           columns);
    expect(lost <= (double)columns * coding.scale * coding.scale * 0.2501,
                 "codes that are not the nearest", rows, columns);
  }
  free(x), free(rotated);
  return c;
}

static void release(coded c) { free(c.codes), free(c.scales); }

// Queries from coded rows: signed, with their sums.
static ck_coded_query *sign(coded c) {
  ck_coded_query *queries = bytes(c.rows * sizeof(ck_coded_query));
  for (size_t i = 0; i < c.rows; i++) {
    int8_t *codes = bytes(c.stride);
    int32_t sum = 0;
    for (size_t j = 0; j < c.stride; j++) sum += codes[j] = (int8_t)(c.codes[i * c.stride + j] - 128);
    queries[i] = (ck_coded_query){codes, c.scales[i], sum};
  }
  return queries;
}

static float score(coded rows, size_t row, const ck_coded_query *query) {
  int32_t sum = 0;
  for (size_t j = 0; j < rows.columns; j++)
    sum += (rows.codes[row * rows.stride + j] - 128) * query->codes[j];
  return (float)sum * rows.scales[row] * query->scale;
}

static void check_blocks(size_t rows, size_t columns, size_t queryCount) {
  size_t groups = (columns + 3) / 4, blocks = (rows + 15) / 16;
  coded r = code(rows, columns, 4 * groups), q = code(queryCount, columns, 4 * groups);
  ck_coded_query *queries = sign(q);
  uint8_t *block = bytes(blocks * groups * 64);
  for (size_t b = 0; b < blocks; b++)
    ck_interleave_rows(r.codes + b * 16 * r.stride, r.stride, rows - b * 16 < 16 ? rows - b * 16 : 16,
                       groups, block + b * groups * 64);
  float *out = bytes(queryCount * blocks * 16 * sizeof(float));
  uint32_t *places = bytes(blocks * 16 * sizeof(uint32_t));
  ck_score_blocks(block, r.scales, blocks, groups, queries, queryCount, out, blocks * 16);
  for (size_t i = 0; i < queryCount; i++) {
    size_t above = 0;
    float least = out[i * blocks * 16 + rows / 2];
    for (size_t j = 0; j < rows; j++) {
      float found = out[i * blocks * 16 + j];
      expect(found == score(r, j, queries + i), "the score of a block", rows, columns);
      above += found >= least;
    }
    expect(ck_places_from(out + i * blocks * 16, rows, least, places) == above,
                 "the places of scores", rows, columns);
    free((void *)queries[i].codes);
  }
  free(queries), free(block), free(out), free(places), release(r), release(q);
}

// A ring in which every node knows the next FEW: a walk of full breadth meets all.
static void check_walk(size_t rows, size_t columns) {
  size_t stride = (columns + 63) / 64 * 64;
  coded r = code(rows, columns, stride), q = code(1, columns, stride);
  ck_coded_query *query = sign(q);
  int32_t *neighbors = bytes(rows * FEW * 4), scratch[FEW], levels[] = {0, FEW};
  size_t *offsets = bytes(rows * sizeof(size_t));
  uint16_t *seen = bytes(rows * 2);
  memset(seen, 0, rows * 2);
  for (size_t i = 0; i < rows; i++) {
    offsets[i] = i * FEW;
    for (size_t j = 0; j < FEW; j++) neighbors[i * FEW + j] = (int32_t)((i + j + 1) % rows);
  }
  ck_graph graph = {r.codes, stride, r.scales, neighbors, offsets, levels, (int32_t)(rows / 2), 0};
  float *scores = bytes(rows * 4);
  uint32_t *nodes = bytes(rows * 4);
  size_t found = ck_walk_graph(&graph, query, rows, seen, 1, scratch, scores, nodes);
  expect(found == rows, "a walk that meets all", rows, columns);
  for (size_t i = 0; i < found; i++) {
    expect(scores[i] == score(r, nodes[i], query), "the score of a node", rows, columns);
    if (i) expect(scores[i - 1] >= scores[i], "the order of nodes", rows, columns);
  }
  found = ck_walk_graph(&graph, query, 1, seen, 2, scratch, scores, nodes);
  expect(found == 1, "a walk of breadth 1", rows, columns);
  free((void *)query->codes), free(query), free(neighbors), free(offsets), free(seen);
  free(scores), free(nodes), release(r), release(q);
}

int check_codes(void) {
  const size_t rows[] = {1, 15, 16, 17, 64, 65, 129}, columns[] = {1, 4, 7, 33, 64, 130, 384};
  const size_t queries[] = {1, 3, 4, 6, 13};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t j = 0; j < sizeof columns / sizeof *columns; j++) {
      for (size_t k = 0; k < sizeof queries / sizeof *queries; k++)
        check_blocks(rows[i], columns[j], queries[k]);
      check_walk(rows[i], columns[j]);
    }
  return failures;
}
