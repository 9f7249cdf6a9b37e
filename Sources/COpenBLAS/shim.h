// OpenBLAS's C interface, and the few LAPACK routines we call (Debian ships them in the same library,
// without a C header of their own). Fortran calling convention: every argument by address,
// matrices column-major, character arguments followed by hidden lengths we may leave out.
#pragma once
#include <cblas.h>

void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
            const int *ldb, int *info);
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s,
             double *u, const int *ldu, double *vt, const int *ldvt, double *work,
             const int *lwork, int *iwork, int *info);
