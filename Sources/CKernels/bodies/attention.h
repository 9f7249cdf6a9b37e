// Attention of one head of one sequence, a few query rows at a time: their scores stay in the
// first-level cache, and no (length, length) matrix is written.
CK_BODY(void, attention)(const ck_head *h, float *out, size_t outStride, float *scratch) {
  size_t length = h->length, size = h->size;
  if (length == 0) return;
  size_t width = whole_panels(size), end = whole_panels(length), stride = end + CK_HEAD_PANEL;
  float *keys = scratch, *values = keys + end * size, *scores = values + length * width;
  float *sums = scores + CK_TILE_ROWS * stride, inverse[CK_TILE_ROWS];
  pack_rows(h->k, h->stride, length, size, keys);
  pack_columns(h->v, h->stride, length, size, values);
  size_t step = even_share(length, CK_TILE_ROWS, 1);
  for (size_t i = 0; i < length; i += step) {
    size_t rows = smaller(step, length - i);
    const float *q = h->q + i * h->stride;
    for (size_t r = 0; r < rows; r++) fetch_next_head(q + r * h->stride, size);
    multiply_head(rows, end, size, q, h->stride, keys, scores, stride);
    weigh(h, i, rows, scores, stride, inverse);
    if (h->rate > 0)
      for (size_t r = 0; r < rows; r++) drop_row(h, i + r, scores + r * stride);
    multiply_head(rows, width, length, scores, stride, values, sums, width);
    for (size_t r = 0; r < rows; r++)
      write_row(sums + r * width, inverse[r], size, out + (i + r) * outStride);
  }
}
