/*
 * input: bytes in, records out. Files, globs, folders, standard input; gzip, zstd and xz by their magic numbers;
 * UTF-16 with a byte order mark; LF and CRLF; stitching of records of several lines. Every byte ends in a record or in a counter.
 *
 *     paths -> lgd_input_list -> lgd_reader (one input at a time) -> lgd_block (records)
 *
 * Blocks depend on the bytes alone, never on how reads were cut: a file, a pipe and a .gz give the same blocks.
 */
#ifndef LOGDETECT_INPUT_H
#define LOGDETECT_INPUT_H

#include "logdetect/event.h"

typedef enum lgd_input_state {
    LGD_INPUT_WAITING,
    LGD_INPUT_DONE,
    LGD_INPUT_UNREADABLE, /* could not be opened: missing, no permission, a folder, binary; nothing was read */
    LGD_INPUT_DAMAGED     /* the lines up to the damage were read: truncated or corrupt compression, I/O error */
} lgd_input_state;

typedef struct lgd_input_file {
    char *path; /* as named by the user or found; "-" is standard input. Owned by the list */
    lgd_input_state state;
    char *problem;           /* why not DONE, one sentence without the path; NULL if none. Owned by the list */
    uint64_t dev, ino;       /* identity, 0 for a pipe */
    int64_t mtime_ns;        /* UTC; of a gzip file what its header says, if it does; LGD_NO_TIME for a pipe. Base for
                                timestamps without a year */
    const char *compression; /* "none", "gzip", "zstd", "xz" */
    uint64_t size_bytes;     /* on disk, 0 if unknown; for progress */
    /* filled while reading */
    uint64_t lines;        /* physical lines read, the unterminated last one included */
    uint64_t bytes;        /* decoded bytes read */
    uint64_t cut_lines;    /* lines longer than the limit */
    uint64_t cut_bytes;    /* bytes of them that were left out */
    uint64_t invalid_utf8; /* lines with bytes that are not UTF-8 */
    uint64_t disk_bytes;   /* taken from the file or pipe so far, before decompression: progress against size_bytes */
    struct lgd_input_source *source; /* private to the room: how it is read a second time. Owned by the list */
} lgd_input_file;

typedef struct lgd_input_list {
    lgd_input_file *files;
    size_t n_files;
    size_t capacity;
    lgd_index identities; /* private to the room: finds a file that is there already */
} lgd_input_list;

/* Appends what `pattern` names: a file, "-", a glob (`*?[`; matches in byte order), or with `recursive` a folder (all
 * regular files below it, in byte order of their paths, hidden ones left out). A file that is there under another name
 * already (same dev and ino) is left out. What cannot be read stays in the list as UNREADABLE with its problem: a missing
 * file, a glob without a match, a folder without `recursive` (`is a folder; use -r to read the files in it`), a socket, a block device.
 * Errors: memory only. */
LGD_MUST_CHECK lgd_status lgd_input_add(lgd_input_list *list, const char *pattern, bool recursive, lgd_err *err);
void lgd_input_list_release(lgd_input_list *list);

typedef struct lgd_input_options {
    size_t max_line_bytes;     /* longer lines are cut here; 0 = 1 MiB */
    size_t block_bytes;        /* text in a block; 0 = 1 MiB. A block holds at least one whole record */
    size_t block_records;      /* most records in a block; 0 = 16384 */
    bool multiline;            /* stitch continuation lines (stack traces, indented lines, JSON) to the record before */
    uint32_t max_record_lines; /* a stitched record has at most this many lines; 0 = 1000 */
    bool text;                 /* read files that look binary nevertheless */
    bool spool; /* keep a copy of what a pipe gives, so that it can be read again (lgd_reader_open a second time) */
    const char *spool_dir; /* where: an unnamed file there, gone with the process */
} lgd_input_options;

typedef struct lgd_block {
    const lgd_record *records;
    size_t n_records;
    size_t file; /* index into the list */
    bool first;  /* first block of its file */
} lgd_block;

/* Reads the list's inputs one after the other, each to its end. */
typedef struct lgd_reader lgd_reader;

/* Opening a reader resets the counters of each file that is not UNREADABLE, so a list can be read several times; a
 * second reader over a pipe needs options.spool in the first one, and the list must outlive it. Borrows list. */
LGD_MUST_CHECK lgd_status lgd_reader_open(lgd_input_list *list, const lgd_input_options *options,
                                          lgd_reader **ret_reader, lgd_err *err);
/* The next block; n_records == 0 at the end of all inputs. Records live until the next call. Trouble with one input is
 * noted in its file entry and reading goes on with the next. A file that is read a second time is read to the length
 * of the first reading, so a log that grows meanwhile does no harm. Errors: memory, or the spool cannot be written. */
LGD_MUST_CHECK lgd_status lgd_reader_next(lgd_reader *reader, lgd_block *ret_block, lgd_err *err);
void lgd_reader_close(lgd_reader *reader); /* takes NULL */

/* What of the lines so far decides about the next one: how the input is laid out, and which structure of several lines
 * is open. {.indent = true} for an input of which nothing is known. */
typedef struct lgd_line_state {
    bool indent;      /* an indented line continues */
    bool dated;       /* records start with a time or a level: a line without one may continue more easily */
    bool after_blank; /* from here on private to stitch.c */
    uint8_t open;     /* the kind of structure */
    uint32_t n_lines; /* lines of it so far */
    int32_t depth;    /* braces that are open in it */
} lgd_line_state;

/* sample: the start of the input, looked at for its layout. */
lgd_line_state lgd_line_state_of(lgd_sv sample);
/* True if line belongs to the record before it: see stitch.c for the rules. Lines are asked in order. O(line). */
bool lgd_line_continues(lgd_sv line, lgd_line_state *state);

#endif
