// FAISS as C: opaque handles, status codes, and error text in a buffer the caller brings.
//
// No C++ exception and no FAISS type crosses this header. Sizes are stated as `n * d`. Everything
// that FAISS would answer with abort() is checked here or by the caller, as said at each function.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What became of a call. Codes decide; the text is for people.
typedef enum fs_status {
  FS_OK = 0,
  /// An argument is outside what the function accepts.
  FS_INVALID = 1,
  /// FAISS threw.
  FS_BACKEND = 2,
  /// Memory could not be allocated.
  FS_NO_MEMORY = 3,
  /// A file could not be opened, read, written or flushed; the text holds the system's reason.
  FS_IO = 4,
  /// The index is of a kind that this shim does not serve.
  FS_UNSUPPORTED = 5,
} fs_status;

/// An index with inner product as its metric. Ids are row numbers, in order of adding.
typedef struct fs_index fs_index;

/// How an index stores its vectors.
typedef enum fs_codec {
  FS_CODEC_FLOAT = 0,
  FS_CODEC_SQ8 = 1,
  FS_CODEC_SQ4 = 2,
  FS_CODEC_SQ6 = 3,
  FS_CODEC_FP16 = 4,
  FS_CODEC_PQ = 5,
} fs_codec;

/// What an index is.
typedef struct fs_description {
  int64_t count;
  int32_t dimension;
  int32_t trained;
  fs_codec codec;
  /// Product quantizer: number of sub-vectors and bits of each; else 0.
  int32_t pq_parts;
  int32_t pq_bits;
  /// Inverted lists; 0 when there are none.
  int32_t lists;
  /// HNSW links per node (the M of the recipe); 0 when there is no graph.
  int32_t links;
  /// Whether 8-bit codes stand for the vectors under a graph: fs_walk searches it, not fs_search.
  int32_t coded;
  /// Whether it is of a kind that is only passed through to FAISS (transforms, refinement, fast scan
  /// and so on): of the above, count, dimension and trained are filled in.
  int32_t foreign;
} fs_description;

typedef struct fs_build_options {
  /// Seed of k-means and of the graph's levels.
  int32_t seed;
  /// HNSW: breadth of the search that finds a new node's neighbours; ignored by others.
  int32_t ef_construction;
} fs_build_options;

typedef struct fs_search_options {
  /// OpenMP threads of this call, 1 or more.
  int32_t threads;
  /// HNSW: breadth of the walk. FAISS 1.7.3 keeps max(efSearch of the index, k) candidates whatever
  /// is asked per call, so a breadth above k needs k raised to it; see FaissRequest.swift.
  int32_t ef_search;
  /// Inverted lists to visit, 1 or more; ignored by others.
  int32_t probes;
  /// HNSW: scan every stored vector instead of walking the graph; ignored by others.
  int32_t exhaustive;
  /// Bitmap of rows not to find: bit r % 64 of word r / 64. NULL when all may be found.
  /// Refused by plain PQ and by foreign kinds, which cannot filter in FAISS 1.7.3.
  const uint64_t *excluded;
  int64_t excluded_words;
} fs_search_options;

typedef struct fs_walk_options {
  /// How many of the best nodes the walk keeps, 1 or more.
  int32_t breadth;
  /// How many of these, excluded rows left out, are compared again by their vectors: results per
  /// query. At least 1.
  int32_t kept;
  /// As in fs_search_options.
  const uint64_t *excluded;
  int64_t excluded_words;
} fs_walk_options;

/// The version of FAISS this was compiled with, "1.7.3".
const char *fs_faiss_version(void);

/// Creates an empty index of `dimension` > 0 from a factory string. A graph over whole vectors
/// ("HNSW32") holds 8-bit codes instead, a quarter of the memory: FAISS builds it by comparing codes,
/// and fs_walk searches it.
fs_status fs_create(
    const char *recipe, int32_t dimension, const fs_build_options *options, fs_index **result,
    char *error, int32_t capacity);

/// Trains on n * d floats; n must be at least the number of centroids (FAISS throws below it).
fs_status fs_train(
    fs_index *index, int64_t n, const float *rows, int32_t threads, char *error, int32_t capacity);

/// Appends n * d floats. The index must be trained.
fs_status fs_add(
    fs_index *index, int64_t n, const float *rows, int32_t threads, char *error, int32_t capacity);

/// Finds up to `k` > 0 rows for each of `n` queries (n * d floats).
///
/// `scores` and `rows` have room for n * k; best first; unused places hold row -1 at the end.
/// Safe to call from several threads on one index.
fs_status fs_search(
    const fs_index *index, int64_t n, const float *queries, int64_t k,
    const fs_search_options *options, float *scores, int64_t *rows, char *error, int32_t capacity);

/// Searches a graph over coded rows on the calling thread: walks it comparing codes, and scores what
/// it finds by the vectors.
///
/// `vectors` are the count * d floats that were indexed. `scores` and `rows` have room for n * kept;
/// best first, equal scores by ascending row; unused places hold row -1 at the end. Safe to call from
/// several threads on one index.
fs_status fs_walk(
    const fs_index *index, int64_t n, const float *queries, const float *vectors,
    const fs_walk_options *options, float *scores, int64_t *rows, char *error, int32_t capacity);

/// Replaces the whole vectors under a graph by 8-bit codes; nothing for other kinds. Not while
/// anyone else uses the index.
fs_status fs_code_storage(fs_index *index, char *error, int32_t capacity);

/// Writes a plain FAISS file, flushed to the disk. On failure the file may be half written.
///
/// `vectors` are the count * d floats that were indexed: needed when codes stand for them, else
/// ignored.
fs_status fs_save(
    const fs_index *index, const float *vectors, const char *path, char *error, int32_t capacity);

/// Reads a FAISS file. Only for files whose checksum has been verified: FAISS trusts their content.
fs_status fs_load(const char *path, fs_index **result, char *error, int32_t capacity);

void fs_describe(const fs_index *index, fs_description *description);

/// NULL is allowed.
void fs_free(fs_index *index);

#ifdef __cplusplus
}
#endif
