// What the files of the kernels' check share.
#pragma once
#include <stddef.h>

// n numbers in [-1, 1), in a heap buffer of exactly that size, 64-byte aligned.
float *check_numbers(size_t n);

// Attention against float64 loops: how many cases were wrong.
int check_attention(void);

// Exponentials of a softmax against float64 loops: how many cases were wrong.
int check_softmax(void);

// Codes, their products, and walks over a graph against whole numbers: how many cases were wrong.
int check_codes(void);
