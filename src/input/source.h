/*
 * source: the raw bytes of one input, and what the list remembers of it between two readings.
 */
#ifndef LGD_INPUT_SOURCE_H
#define LGD_INPUT_SOURCE_H

#include "logdetect/input.h"

#define LGD_NO_END UINT64_MAX

struct lgd_input_source {
    uint64_t dev, ino; /* identity, that of pipes too */
    bool pipe;         /* gives its bytes once: pipe, FIFO, socket, terminal */
    bool begun;        /* a reading of it has begun */
    int spool_fd;      /* copy of what the pipe gave, -1 if there is none */
    int64_t start;     /* standard input that is a file: where it stood when it was named */
    uint64_t end;      /* raw bytes of the first complete reading, LGD_NO_END before */
};

/* One reading. `trouble` is what is wrong with this input, told in its list entry; it never stops the reader. Layers
 * above note theirs here too: LGD_E_IO for what cannot be read at all, LGD_E_DAMAGED for what broke off. */
typedef struct lgd_source {
    lgd_input_file *file;
    int fd;
    bool owned;  /* fd is ours to close */
    int copy_fd; /* what is read is written here too, -1: nowhere */
    const char *copy_dir;
    uint64_t limit; /* read no further than this */
    lgd_err trouble;
} lgd_source;

/* Opens file for reading. Errors: the spool cannot be made. */
LGD_MUST_CHECK lgd_status lgd_source_open(lgd_source *s, lgd_input_file *file, const lgd_input_options *options,
                                          lgd_err *err);
/* Reads 1..n bytes; 0 at the end and after trouble. EINTR and EAGAIN are waited out. Errors: the spool cannot be written. */
LGD_MUST_CHECK lgd_status lgd_source_read(lgd_source *s, void *bytes, size_t n, size_t *ret_n, lgd_err *err);
void lgd_source_close(lgd_source *s);

/* Notes what is wrong with file. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_input_problem(lgd_input_file *file, lgd_input_state state, const char *text,
                                            lgd_err *err);
/* The words of an errno, the same in every locale. */
const char *lgd_errno_words(int number);

/* Collects the paths of all regular files below folder, unsorted; trouble(ctx, path, number) is told of folders that
 * cannot be read. See folder.c. */
typedef struct lgd_paths {
    char **p;
    size_t n, capacity;
} lgd_paths;
typedef lgd_status (*lgd_folder_trouble)(void *ctx, const char *path, int number, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_folder_walk(const char *folder, lgd_paths *files, lgd_folder_trouble trouble, void *ctx,
                                          lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_paths_add(lgd_paths *paths, const char *folder, const char *name, lgd_err *err);
void lgd_paths_sort(lgd_paths *paths); /* byte order */
void lgd_paths_release(lgd_paths *paths);

#endif
