/*
 * The stand-in for a GPU: what its two libraries share, and what tests ask of it.
 *
 * It is told what to do by the environment, which cuInit reads, and which starts counting calls at 1, itself:
 *   LGD_SHIM_FAIL_AT=K    the K-th call goes wrong (functions that name errors are not counted)
 *   LGD_SHIM_MODE=        error   it returns an error, once
 *                         fault   and so does every call after it, as after a fault of a real GPU
 *                         memory  it returns "out of memory"
 *                         hang    it never returns
 *                         stuck   from then on the GPU gets nothing done: no event ever passes
 *   LGD_SHIM_CAPABILITY=N compute capability N / 10; default 90
 *   LGD_SHIM_DEVICES=N    default 1
 *   LGD_SHIM_QUESTIONS=N  an event passes when it is asked for the N-th time; default 2
 */
#ifndef LGD_TESTS_SHIM_H
#define LGD_TESTS_SHIM_H

#include <stdbool.h>
#include <stddef.h>

typedef enum shim_outcome { SHIM_WORKS, SHIM_ERROR, SHIM_NO_MEMORY } shim_outcome;

/* Counts a call and says how it goes. */
shim_outcome lgd_shim_call(void);
/* Work for a stream, or for the graph that is being recorded. False: no room. */
bool lgd_shim_submit(void *stream, void (*work)(const void *data), const void *data, size_t n_bytes);
bool lgd_shim_recording(void);
/* A handle of zeros, among the objects of lgd_shim_left. */
void *lgd_shim_make_handle(size_t n_bytes);
bool lgd_shim_unmake_handle(void *handle);

/* For tests, found by dlsym: calls since cuInit, and objects (not arrays) that have not been released. */
unsigned long lgd_shim_calls(void);
unsigned long lgd_shim_left(void);

#endif
