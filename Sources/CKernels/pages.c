// Pages of memory, moved rather than copied.
#define _GNU_SOURCE
#include "ckernels.h"
#include <sys/mman.h>

void *ck_lengthen_pages(void *start, size_t length, size_t new_length) {
  void *moved = mremap(start, length, new_length, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? 0 : moved;
}
