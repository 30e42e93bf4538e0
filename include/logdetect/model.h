/*
 * model: the one file that training leaves behind. A container of checksummed sections; what is inside them belongs to
 * the stages that save and load them. Layout: docs/MODEL_FORMAT.md.
 *
 *     magic "LGDMODEL" | format version u32 | endianness mark u32 | section count u32 | crc of head and table u32 |
 *     table of {id[8], version u32, crc u32, offset u64, length u64} | sections
 *
 * Writing is atomic and durable: PATH.tmp-* in the same folder (O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600 or the replaced file's mode), fsync,
 * rename, fsync of the folder; any failure leaves the old file as it was and no temporary one. Leftover temporary files of killed runs
 * are removed by the next save. Reading takes the file as hostile: every length is checked before it is used, memory is proportional to the file's size.
 */
#ifndef LOGDETECT_MODEL_H
#define LOGDETECT_MODEL_H

#include "logdetect/base.h"

#define LGD_MODEL_FORMAT_VERSION 1u
#define LGD_MODEL_MAX_SECTIONS   64u

/* ---- writing ---- */

typedef struct lgd_model_writer lgd_model_writer;
LGD_MUST_CHECK lgd_status lgd_model_writer_new(lgd_model_writer **ret_writer, lgd_err *err);
/* Starts a section and returns the buffer to put its content in, valid until the next call. id: 1..8 characters [a-z]. */
lgd_buf *lgd_model_section(lgd_model_writer *w, const char *id, uint32_t version);
/* Where a model goes: PATH.lgd is that file, anything else is a folder (made if missing) that holds model.lgd. */
LGD_MUST_CHECK lgd_status lgd_model_path(const char *output, lgd_buf *ret_path, lgd_err *err); /* NUL-terminated */
/* The list of what is allowed, beside a model file: allow.txt in the folder of a model.lgd, FILE.allow for any other. */
LGD_MUST_CHECK lgd_status lgd_model_allow_path(const char *file, lgd_buf *ret_path, lgd_err *err); /* NUL-terminated */
/* Locks the output's own name (flock on NAME.tmp-lock) while it writes; a second writer of it fails: `in use by another
 * logdetect`. Other names in the folder may be written at the same time. */
LGD_MUST_CHECK lgd_status lgd_model_write(lgd_model_writer *w, const char *output, lgd_err *err);
void lgd_model_writer_free(lgd_model_writer *w);

/* ---- reading ---- */

typedef struct lgd_model_reader lgd_model_reader;
typedef struct lgd_section {
    char id[9]; /* NUL-terminated */
    uint32_t version;
    uint64_t offset;
    lgd_sv bytes; /* lives as long as the reader */
} lgd_section;

/* path: the file, or a folder that holds model.lgd. Errors, each naming the path: cannot be opened; not a logdetect
 * model; made by a newer version (both versions named, says: upgrade or retrain); other endianness; damaged (section named). */
LGD_MUST_CHECK lgd_status lgd_model_open(const char *path, lgd_model_reader **ret_reader, lgd_err *err);
size_t lgd_model_n_sections(const lgd_model_reader *r);
const lgd_section *lgd_model_section_at(const lgd_model_reader *r, size_t i);
/* NULL if there is no such section. */
const lgd_section *lgd_model_find(const lgd_model_reader *r, const char *id);
const char *lgd_model_reader_path(const lgd_model_reader *r);
uint64_t lgd_model_size_bytes(const lgd_model_reader *r);
uint32_t lgd_model_checksum(const lgd_model_reader *r); /* CRC-32C of the whole file: the model's name in reports */
void lgd_model_close(lgd_model_reader *r);              /* takes NULL */

/* ---- any other file that is read or replaced as a whole (reports with --output, checkpoints) ---- */

/* All bytes of a regular file. undone: what was not done then, for errors. Errors: io; damaged for what is no regular file or
 * larger than most_bytes; memory. */
LGD_MUST_CHECK lgd_status lgd_file_read(const char *path, size_t most_bytes, const char *undone, lgd_buf *ret,
                                        lgd_err *err);

/* Writes bytes to path with the same atomic steps. A path that is no regular file (/dev/full, a pipe) is written directly. */
LGD_MUST_CHECK lgd_status lgd_file_replace(const char *path, lgd_sv bytes, lgd_err *err);

#endif
