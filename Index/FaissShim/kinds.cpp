// Which kinds of FAISS index are served, what they are, and how building them is seeded.
#include "coded_rows.hpp"
#include "internal.hpp"

#include <faiss/AutoTune.h>
#include <faiss/IVFlib.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexIDMap.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/IndexPQ.h>
#include <faiss/IndexPreTransform.h>
#include <faiss/IndexRefine.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/impl/FaissException.h>
#include <faiss/index_factory.h>
#include <faiss/utils/random.h>

#include <algorithm>

namespace shim {

namespace {

fs_codec codec_of(const faiss::ScalarQuantizer &quantizer) {
  switch (quantizer.qtype) {
    case faiss::ScalarQuantizer::QT_8bit: return FS_CODEC_SQ8;
    case faiss::ScalarQuantizer::QT_4bit: return FS_CODEC_SQ4;
    case faiss::ScalarQuantizer::QT_6bit: return FS_CODEC_SQ6;
    case faiss::ScalarQuantizer::QT_fp16: return FS_CODEC_FP16;
    default: throw Failure{FS_UNSUPPORTED, "its scalar quantizer is of an unknown type"};
  }
}

void describe_product(const faiss::ProductQuantizer &pq, fs_description &d) {
  d.codec = FS_CODEC_PQ;
  d.pq_parts = static_cast<int32_t>(pq.M);
  d.pq_bits = static_cast<int32_t>(pq.nbits);
}

/// Fills in how vectors are stored, or throws for a kind not served.
void describe_codec(const faiss::Index *index, fs_description &d) {
  if (auto ivf_sq = dynamic_cast<const faiss::IndexIVFScalarQuantizer *>(index)) {
    d.codec = codec_of(ivf_sq->sq);
  } else if (auto ivf_pq = dynamic_cast<const faiss::IndexIVFPQ *>(index)) {
    describe_product(ivf_pq->pq, d);
  } else if (auto sq = dynamic_cast<const faiss::IndexScalarQuantizer *>(index)) {
    d.codec = codec_of(sq->sq);
  } else if (auto pq = dynamic_cast<const faiss::IndexPQ *>(index)) {
    if (pq->search_type != faiss::IndexPQ::ST_PQ) {
      throw Failure{FS_UNSUPPORTED, "its PQ search is not by inner product"};
    }
    describe_product(pq->pq, d);
  } else if (
      dynamic_cast<const faiss::IndexFlat *>(index) ||
      dynamic_cast<const faiss::IndexIVFFlat *>(index)) {
    d.codec = FS_CODEC_FLOAT;
  } else {
    throw Failure{FS_UNSUPPORTED, "it is of a kind that is not served here"};
  }
}

void seed_clustering(faiss::ClusteringParameters &parameters, int32_t seed) {
  parameters.seed = seed;
  parameters.min_points_per_centroid = 1;  // fewer than 39 would be told on stderr
}

void seed_product(faiss::IndexPQ &index, int32_t seed) {
  seed_clustering(index.pq.cp, seed);
  index.do_polysemous_training = false;  // serves a search we do not use
}

/// The whole vectors under a graph; NULL for other kinds.
faiss::IndexFlat *whole_vectors(faiss::Index *index) {
  auto graph = dynamic_cast<faiss::IndexHNSW *>(index);
  return graph ? dynamic_cast<faiss::IndexFlat *>(graph->storage) : nullptr;
}

void replace_storage(faiss::IndexHNSW &graph, std::unique_ptr<CodedRows> rows) {
  if (graph.own_fields) delete graph.storage;
  graph.storage = rows.release();
  graph.own_fields = true;
}

}  // namespace

std::unique_ptr<faiss::Index> create(const char *recipe, int32_t dimension) {
  std::unique_ptr<faiss::Index> index(
      faiss::index_factory(dimension, recipe, faiss::METRIC_INNER_PRODUCT));
  code_storage(index.get());
  return index;
}

const CodedRows *coded_rows(const faiss::Index *index) {
  auto graph = as_graph(index);
  return graph ? dynamic_cast<const CodedRows *>(graph->storage) : nullptr;
}

void code_storage(faiss::Index *index) {
  faiss::IndexFlat *whole = whole_vectors(index);
  if (!whole) return;
  auto rows = std::make_unique<CodedRows>(whole->d);
  rows->add(whole->ntotal, whole->get_xb());
  replace_storage(*dynamic_cast<faiss::IndexHNSW *>(index), std::move(rows));
}

namespace {

/// Fills in what an index of a kind we know is; throws `Failure` for others.
void describe_known(const faiss::Index *index, fs_description &d) {
  if (auto graph = as_graph(index)) {
    d.links = graph->hnsw.nb_neighbors(1);
    d.coded = coded_rows(index) ? 1 : 0;
    if (d.coded) return;  // they stand for floats
    describe_codec(graph->storage, d);
    if (d.codec == FS_CODEC_PQ || as_lists(graph->storage)) {
      throw Failure{FS_UNSUPPORTED, "its graph is over vectors that are not served here"};
    }
    return;
  }
  describe_codec(index, d);
  if (auto lists = as_lists(index)) {
    d.lists = static_cast<int32_t>(lists->nlist);
    if (!dynamic_cast<const faiss::IndexFlat *>(lists->quantizer)) {
      throw Failure{FS_UNSUPPORTED, "its inverted lists have a quantizer that is not flat"};
    }
  }
}

}  // namespace

fs_description describe(const faiss::Index *index) {
  fs_description d{};
  if (index->metric_type != faiss::METRIC_INNER_PRODUCT) {
    throw Failure{FS_UNSUPPORTED, "it was built for another metric than the inner product"};
  }
  if (dynamic_cast<const faiss::IndexIDMap *>(index)) {
    throw Failure{FS_UNSUPPORTED, "it has ids of its own; rows are the ids here"};
  }
  fs_description known{};
  try {
    describe_known(index, known);
    d = known;
  } catch (const Failure &) {
    d.foreign = 1;
  }
  d.count = index->ntotal;
  d.dimension = index->d;
  d.trained = index->is_trained ? 1 : 0;
  return d;
}

namespace {

/// Sets a parameter of a wrapped index where there is one of that name.
void set_where_known(faiss::Index *index, const char *name, double value) {
  try {
    faiss::ParameterSpace().set_index_parameter(index, name, value);
  } catch (const faiss::FaissException &) {  // it has none
  }
}

}  // namespace

void tune_foreign(faiss::Index *index) {
  if (!describe(index).foreign) return;
  if (auto lists = faiss::ivflib::try_extract_index_ivf(index)) {
    lists->nprobe = std::min(std::max<size_t>(8, lists->nlist / 16), lists->nlist);
  }
  set_where_known(index, "efSearch", 64);
  set_where_known(index, "k_factor_rf", 4);
}

namespace {

void tune_building(faiss::Index *index, const fs_build_options &options) {
  if (auto graph = dynamic_cast<faiss::IndexHNSW *>(index)) {
    graph->hnsw.efConstruction = options.ef_construction;
    graph->hnsw.rng = faiss::RandomGenerator(options.seed);
  } else if (auto lists = dynamic_cast<faiss::IndexIVF *>(index)) {
    seed_clustering(lists->cp, options.seed);
    if (auto ivf_pq = dynamic_cast<faiss::IndexIVFPQ *>(index)) {
      seed_clustering(ivf_pq->pq.cp, options.seed);
      ivf_pq->do_polysemous_training = false;
    }
  } else if (auto pq = dynamic_cast<faiss::IndexPQ *>(index)) {
    seed_product(*pq, options.seed);
  } else if (auto transformed = dynamic_cast<faiss::IndexPreTransform *>(index)) {
    tune_building(transformed->index, options);
  } else if (auto refined = dynamic_cast<faiss::IndexRefine *>(index)) {
    tune_building(refined->base_index, options);
  }
}

}  // namespace

void tune(faiss::Index *index, const fs_build_options &options) {
  tune_building(index, options);
  tune_foreign(index);
}

}  // namespace shim
